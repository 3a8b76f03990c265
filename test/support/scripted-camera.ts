/** Servers that stand on a camera's port and answer wrongly. Each is a real socket on 127.0.0.1. */
import net from 'node:net';

export interface ScriptedCamera {
  port: number;
  /** Connections accepted so far. */
  accepted: () => number;
  stop: () => Promise<void>;
}

/** `answer` gets each request's first line and CSeq, and returns what to send; null: say nothing. */
export async function startScriptedCamera(
  answer: (line: string, cseq: string) => string | null,
): Promise<ScriptedCamera> {
  const sockets = new Set<net.Socket>();
  let accepted = 0;
  const server = net.createServer((socket) => {
    accepted++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    let pending = '';
    socket.on('data', (chunk) => {
      pending += chunk.toString('latin1');
      for (let end = pending.indexOf('\r\n\r\n'); end >= 0; end = pending.indexOf('\r\n\r\n')) {
        const request = pending.slice(0, end);
        pending = pending.slice(end + 4);
        const text = answer(request.split('\r\n')[0] ?? '', /CSeq: *(\d+)/i.exec(request)?.[1] ?? '0');
        if (text !== null) socket.write(text);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    port: address.port,
    accepted: () => accepted,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export const rtspStatus =
  (status: number, phrase: string, headers = '') =>
  (_line: string, cseq: string): string =>
    `RTSP/1.0 ${status} ${phrase}\r\nCSeq: ${cseq}\r\n${headers}\r\n`;

/** Answers OPTIONS properly and DESCRIBE with this description. */
export const rtspDescription =
  (sdp: string) =>
  (line: string, cseq: string): string => {
    if (!line.startsWith('DESCRIBE'))
      return `RTSP/1.0 200 OK\r\nCSeq: ${cseq}\r\nPublic: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n\r\n`;
    return `RTSP/1.0 200 OK\r\nCSeq: ${cseq}\r\nContent-Type: application/sdp\r\nContent-Length: ${sdp.length}\r\n\r\n${sdp}`;
  };
