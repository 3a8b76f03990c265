/** Answers as broken or hostile cameras give them: slow, huge, too deep, with entities, cut off, or with unusual prefixes. */
import type http from 'node:http';

export interface AnswerFaults {
  /** 0: as fast as it goes. */
  bytesPerSecond: number;
  /** Padding; 0: none. */
  extraBytes: number;
  form: 'none' | 'broken' | 'deep' | 'entities' | 'html' | 'empty';
  oddPrefixes: boolean;
}

export const noAnswerFaults = (): AnswerFaults => ({
  bytesPerSecond: 0,
  extraBytes: 0,
  form: 'none',
  oddPrefixes: false,
});

const deepLevels = 100_000;
const chunkBytes = 64 * 1024;
const commentBytes = '<!---->'.length;

/** Writes the answer, spoilt as asked. Resolves when it is out or the client is gone. */
export async function badAnswer(
  faults: AnswerFaults,
  answer: string,
  status: number,
  headers: http.OutgoingHttpHeaders,
  response: http.ServerResponse,
): Promise<void> {
  const spoilt = spoil(faults.form, answer);
  // What is blown up stays well-formed: it is the size that must be refused.
  const body = faults.extraBytes > 0 ? spoilt.replace(/^<\?xml[^>]*>\s*/, '') : spoilt;
  if (faults.form === 'html') headers['Content-Type'] = 'text/html';
  // Told like this by all cameras: there are clients that know no chunks.
  headers['Content-Length'] = Buffer.byteLength(body) + (faults.extraBytes > 0 ? faults.extraBytes + commentBytes : 0);
  response.writeHead(status, headers);
  if (faults.extraBytes > 0) await pad(faults.extraBytes, response);
  if (faults.bytesPerSecond > 0) await trickle(body, faults.bytesPerSecond, response);
  else response.end(body);
}

function spoil(form: AnswerFaults['form'], answer: string): string {
  switch (form) {
    case 'none':
      return answer;
    case 'broken':
      return answer.slice(0, Math.floor(answer.length * 0.7));
    case 'deep':
      return answer.replace('<s:Body>', `<s:Body>${'<a>'.repeat(deepLevels)}`);
    case 'entities': {
      const levels = Array.from({ length: 9 }, (_, i) => `<!ENTITY e${i + 1} "${`&e${i};`.repeat(10)}">`).join('');
      const type = `<!DOCTYPE x [<!ENTITY e0 "ha"><!ENTITY f SYSTEM "file:///etc/passwd">${levels}]>`;
      return answer.replace(/\?>\s*/, `?>${type}`).replace('<s:Body>', '<s:Header><x>&e9;&f;</x></s:Header><s:Body>');
    }
    case 'html':
      return '<!DOCTYPE html><html><body><h1>It works!</h1><br></body></html>';
    case 'empty':
      return '';
  }
}

/** A comment before the root. */
async function pad(bytes: number, response: http.ServerResponse): Promise<void> {
  const chunk = Buffer.alloc(chunkBytes, 0x20);
  response.write('<!--');
  for (let left = bytes; left > 0 && !response.destroyed; left -= chunk.length) {
    if (!response.write(chunk.subarray(0, left))) await drained(response);
  }
  response.write('-->');
}

function drained(response: http.ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.once('drain', done);
    response.once('close', done);
  });
}

async function trickle(body: string, bytesPerSecond: number, response: http.ServerResponse): Promise<void> {
  const bytes = Buffer.from(body);
  const step = Math.max(1, Math.round(bytesPerSecond / 10));
  for (let at = 0; at < bytes.length && !response.destroyed; at += step) {
    response.write(bytes.subarray(at, at + step));
    await new Promise((resolve) => setTimeout(resolve, Math.max(100, 1000 / bytesPerSecond)));
  }
  response.end();
}

const renamed: Record<string, string> = {
  s: 'SOAP-ENV',
  tt: 'ns7',
  tds: 'a',
  trt: 'b',
  tr2: 'c',
  tptz: 'd',
  timg: 'e',
  tev: 'f',
  wsnt: 'g',
  wsa: 'h',
};

/** The same answer with prefixes as other makers choose them. */
export function oddPrefixes(answer: string): string {
  return answer
    .replaceAll(/(<\/?)(\w+):/g, (_whole, start: string, prefix: string) => `${start}${renamed[prefix] ?? prefix}:`)
    .replaceAll(/ xmlns:(\w+)=/g, (_whole, prefix: string) => ` xmlns:${renamed[prefix] ?? prefix}=`)
    .replaceAll(/>s:(Sender|Receiver|Client|Server)</g, '>SOAP-ENV:$1<');
}
