import http from 'node:http';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../core/base/clock.ts';
import { connectOnvif } from '../../../core/cameras/onvif/connection.ts';
import { deviceInformation, gsoap, services, systemTime } from '../../support/onvif-corpus/device-answers.ts';

type Handler = (message: string, request: http.IncomingMessage, response: http.ServerResponse) => void;

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** An HTTP server that does whatever a test wants. Returns its port and what it was asked. */
async function hostile(
  handler: Handler,
): Promise<{ port: number; asked: string[]; headers: http.IncomingHttpHeaders[] }> {
  const asked: string[] = [];
  const headers: http.IncomingHttpHeaders[] = [];
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      asked.push(`${request.method} ${request.url}`);
      headers.push(request.headers);
      handler(Buffer.concat(chunks).toString(), request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, asked, headers };
}

/** A TCP server that says these bytes to whoever connects. */
async function raw(onData: (socket: net.Socket) => void): Promise<number> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('data', () => {
      onData(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const connect = (
  address: string | number,
  options: { timeoutMs?: number; signal?: AbortSignal; username?: string } = {},
) =>
  connectOnvif(
    {
      url: typeof address === 'number' ? `http://127.0.0.1:${address}/onvif/device_service` : address,
      username: options.username ?? null,
      password: options.username === undefined ? null : 'pw',
      cameraName: 'Porch',
    },
    { clock: systemClock, timeoutMs: options.timeoutMs ?? 4_000, signal: options.signal },
  );

/** How a well-behaved camera answers, for those that misbehave elsewhere. */
function usual(message: string, response: http.ServerResponse, origin = 'http://127.0.0.1'): void {
  const inner = message.includes('GetSystemDateAndTime')
    ? systemTime(Date.now())
    : message.includes('GetServices')
      ? services(origin, ['device', 'media'])
      : deviceInformation;
  response.end(gsoap.wrap(inner));
}

async function elapsed(work: Promise<unknown>): Promise<{ code: unknown; message: string; ms: number }> {
  const start = performance.now();
  const error = await work.then(
    () => new Error('it was accepted'),
    (each: unknown) => each as Error & { code?: unknown },
  );
  return { code: 'code' in error ? error.code : undefined, message: error.message, ms: performance.now() - start };
}

describe('a camera that sends too much or too slowly', () => {
  test('slow loris: a byte every 20 ms ends by the deadline, not when it likes', async () => {
    const { port } = await hostile((_, __, response) => {
      response.writeHead(200, { 'Content-Type': 'application/soap+xml' });
      const timer = setInterval(() => response.write(' '), 20);
      ends.push(() => {
        clearInterval(timer);
      });
    });
    const { code, ms } = await elapsed(connect(port, { timeoutMs: 400 }));
    expect(code).toBe('camera_silent');
    expect(ms).toBeLessThan(900);
  });

  test('slow loris in the header', async () => {
    const port = await raw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const timer = setInterval(() => socket.write('X: y\r\n'), 20);
      socket.on('close', () => {
        clearInterval(timer);
      });
    });
    const { code, ms } = await elapsed(connect(port, { timeoutMs: 400 }));
    expect([code, ms < 900]).toEqual(['camera_silent', true]);
  });

  test.each([true, false])('50 MB (length said: %s) are not read: neither memory nor time goes there', async (says) => {
    const block = Buffer.alloc(64 * 1024, ' ');
    let sent = 0;
    const { port } = await hostile((_, request, response) => {
      response.writeHead(200, says ? { 'Content-Length': 50_000_000 } : {});
      const more = (): void => {
        while (sent < 50_000_000 && !request.socket.destroyed) {
          sent += block.length;
          if (!response.write(block)) {
            response.once('drain', more);
            return;
          }
        }
      };
      more();
    });
    const before = process.memoryUsage().rss;
    const { code } = await elapsed(connect(port));
    expect(code).toBe('camera_bad_description');
    expect(sent).toBeLessThan(20_000_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(60_000_000);
  });

  test('a header without end', async () => {
    const port = await raw((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nX: ${'y'.repeat(100_000)}`);
    });
    expect((await elapsed(connect(port))).code).toBe('camera_not_onvif');
  });

  test.each([
    [
      'an entity bomb',
      '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "haha">]><Envelope><Body><a>&x;</a></Body></Envelope>',
    ],
    ['deep nesting', `<Envelope><Body>${'<a>'.repeat(10_000)}`],
    ['cut off', gsoap.wrap(systemTime(0)).slice(0, -60)],
    ['an envelope without a body', '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"/>'],
  ])('%s', async (_, text) => {
    const { port, asked } = await hostile((__, ___, response) => {
      response.end(text);
    });
    const { code, message } = await elapsed(connect(port));
    expect(code).toBe('camera_bad_description');
    expect(message).toMatch(/^Camera 'Porch' /);
    expect(asked.length).toBe(1);
  });

  test('a packed answer is not unpacked', async () => {
    const { port } = await hostile((_, __, response) => {
      response.writeHead(200, { 'Content-Encoding': 'gzip' });
      response.end(Buffer.from('1f8b0800000000000003', 'hex'));
    });
    expect((await elapsed(connect(port))).code).toBe('camera_not_onvif');
  });
});

describe('what is there is no ONVIF camera', () => {
  test.each<[string, Handler, RegExp]>([
    ['a web page', (_, __, r) => r.end('<!DOCTYPE html><html><body>Login</body></html>'), /a web page is there/],
    [
      'JSON',
      (_, __, r) => r.writeHead(400, { 'Content-Type': 'application/json' }).end('{"error":"no"}'),
      /it sends JSON/,
    ],
    ['404', (_, __, r) => r.writeHead(404).end('<html>not found</html>'), /no ONVIF service at this path/],
    ['405 without a word', (_, __, r) => r.writeHead(405).end(), /HTTP 405/],
    ['plain text', (_, __, r) => r.end('hello'), /not as an ONVIF camera/],
    ['nothing', (_, __, r) => r.end(), /not as an ONVIF camera/],
    ['other XML', (_, __, r) => r.end('<?xml version="1.0"?><rss/>'), /not as an ONVIF camera/],
    [
      'a redirect to its login',
      (_, q, r) => (q.url === '/login' ? r.end('<html>Login</html>') : r.writeHead(302, { Location: '/login' }).end()),
      /a web page is there/,
    ],
  ])('%s', async (_, handler, words) => {
    const { port } = await hostile(handler);
    const { code, message } = await elapsed(connect(port));
    expect(code).toBe('camera_not_onvif');
    expect(message).toMatch(words);
  });

  test('an SSH server', async () => {
    const port = await raw((socket) => socket.write('SSH-2.0-OpenSSH_9.2\r\n'));
    expect((await elapsed(connect(port, { timeoutMs: 1_000 }))).code).toBe('camera_not_onvif');
  });

  test('a socket that closes at once', async () => {
    const port = await raw((socket) => socket.destroy());
    expect((await elapsed(connect(port))).code).toBe('camera_closed');
  });

  test('a port where nothing is, a name that is nobody, a TLS port that speaks plain', async () => {
    const port = await raw((socket) => socket.destroy());
    ends.pop()?.();
    expect((await elapsed(connect(port))).code).toBe('camera_refused_connection');
    expect((await elapsed(connect('http://no-such-camera.invalid/'))).code).toBe('camera_host_not_found');
    const plain = await hostile((message, __, response) => {
      usual(message, response);
    });
    expect((await elapsed(connect(`https://127.0.0.1:${plain.port}/`))).code).toBe('camera_tls');
  });

  test('a camera that is still starting', async () => {
    const { port } = await hostile((_, __, response) => response.writeHead(503).end('<html>busy</html>'));
    expect((await elapsed(connect(port))).code).toBe('camera_busy');
  });
});

describe('a camera that points elsewhere', () => {
  test.each([301, 302, 307])(
    'a redirect (%i) to another host is not followed, and no password goes there',
    async (status) => {
      const other = await hostile((message, _, response) => {
        usual(message, response);
      });
      const camera = await hostile((_, __, response) =>
        response.writeHead(status, { Location: `http://localhost:${other.port}/onvif/device_service` }).end(),
      );
      const { code, message } = await elapsed(connect(camera.port, { username: 'admin' }));
      expect(code).toBe('camera_error');
      expect(message).toMatch(/wants to send Porchlight to another address \(http:\/\/localhost/);
      expect(other.asked).toEqual([]);
    },
  );

  test('redirects in a circle end', async () => {
    const { port, asked } = await hostile((_, request, response) =>
      response.writeHead(307, { Location: request.url === '/a' ? '/b' : '/a' }).end(),
    );
    expect((await elapsed(connect(port))).code).toBe('camera_error');
    expect(asked.length).toBeLessThan(12);
  });

  test('a redirect on the same host is followed with the whole question', async () => {
    const { port, asked } = await hostile((message, request, response) => {
      if (request.url === '/onvif/device_service') response.writeHead(308, { Location: '/onvif/services' }).end();
      else usual(message, response);
    });
    const session = await connect(port);
    expect(session.url).toBe(`http://127.0.0.1:${port}/onvif/services`);
    expect(asked.filter((each) => each.endsWith('device_service')).length).toBe(1);
  });

  test.each(['http://169.254.169.254', 'http://localhost:1', 'http://evil.example', 'http://admin:pw@evil.example'])(
    'services at %s are asked at the address that was typed',
    async (origin) => {
      const { port, headers } = await hostile((message, __, response) => {
        usual(message, response, origin);
      });
      const session = await connect(port, { username: 'admin' });
      await session.call({ to: 'media1', action: 'x', body: '<trt:GetProfiles/>' });
      expect(headers.at(-1)?.host).toBe(`127.0.0.1:${port}`);
    },
  );
});

describe('leaving', () => {
  test('a cancelled connecting ends at once and closes its socket', async () => {
    const abort = new AbortController();
    const closed = Promise.withResolvers<null>();
    const { port } = await hostile((_, request) => {
      request.socket.on('close', () => {
        closed.resolve(null);
      });
      abort.abort(new Error('the wizard was closed'));
    });
    const { message, ms } = await elapsed(connect(port, { signal: abort.signal, timeoutMs: 5_000 }));
    expect(message).toBe('the wizard was closed');
    expect(ms).toBeLessThan(2_000);
    await closed.promise;
  });

  test('what was cancelled before is not begun', async () => {
    const { port, asked } = await hostile((message, _, response) => {
      usual(message, response);
    });
    await expect(connect(port, { signal: AbortSignal.abort(new Error('gone')) })).rejects.toThrow('gone');
    expect(asked).toEqual([]);
  });
});

describe('sloppy but honest', () => {
  test('no length and a connection that is never closed: the end of the envelope is the end', async () => {
    const port = await raw((socket) => {
      socket.write('HTTP/1.1 200 OK\nContent-Type: application/soap+xml\n\n');
      const text = gsoap.wrap(systemTime(Date.UTC(2030, 0, 1)));
      socket.write(text.slice(0, 500));
      setImmediate(() => socket.write(text.slice(500)));
    });
    const { ms } = await elapsed(connect(port, { timeoutMs: 3_000 }));
    expect(ms).toBeLessThan(2_000);
  });

  test('a length that promises too much', async () => {
    const port = await raw((socket) => {
      const text = gsoap.wrap(systemTime(Date.UTC(2030, 0, 1)));
      socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${text.length + 40}\r\n\r\n${text}`);
    });
    const session = await connect(port);
    expect(session.clock.cameraMs).toBe(Date.UTC(2030, 0, 1));
  });

  test('GetCapabilities where GetServices is unknown', async () => {
    const { port } = await hostile((message, __, response) => {
      if (message.includes('GetServices'))
        response
          .writeHead(500)
          .end(
            gsoap.wrap(
              '<SOAP-ENV:Fault><SOAP-ENV:Code><SOAP-ENV:Value>SOAP-ENV:Receiver</SOAP-ENV:Value></SOAP-ENV:Code><SOAP-ENV:Reason><SOAP-ENV:Text>Action not implemented</SOAP-ENV:Text></SOAP-ENV:Reason></SOAP-ENV:Fault>',
            ),
          );
      else if (message.includes('GetCapabilities'))
        response.end(
          gsoap.wrap(
            `<tds:GetCapabilitiesResponse><tds:Capabilities><tt:Media><tt:XAddr>/onvif/media</tt:XAddr></tt:Media><tt:Extension><tt:DeviceIO><tt:XAddr>/onvif/io</tt:XAddr></tt:DeviceIO></tt:Extension></tds:Capabilities></tds:GetCapabilitiesResponse>`,
          ),
        );
      else usual(message, response);
    });
    const session = await connect(port);
    expect([session.has('media1'), session.has('media2'), session.has('deviceio')]).toEqual([true, false, true]);
  });
});
