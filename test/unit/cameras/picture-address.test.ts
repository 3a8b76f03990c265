/** Whether an http address gives pictures, and which ports of a host listen: gently, and without reading more than a head. */
import http from 'node:http';
import net from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { openPorts } from '#core/cameras/open-ports.ts';
import { givesPictures } from '#core/cameras/picture-address.ts';

const never = new AbortController().signal;
const servers: net.Server[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

async function listen(server: net.Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as net.AddressInfo).port;
}
async function site(answer: http.RequestListener): Promise<string> {
  return `http://127.0.0.1:${await listen(http.createServer(answer))}/video`;
}
const ask = (url: string, user: { username: string | null; password: string | null } = nobody): Promise<boolean> =>
  givesPictures({ url, ...user }, never);
const nobody = { username: null, password: null };
const admin = { username: 'admin', password: 'p@ss' };

it.each([
  [200, 'multipart/x-mixed-replace; boundary=frame', true],
  [200, 'image/jpeg', true],
  [200, 'text/html', false],
  [404, 'image/jpeg', false],
])('%i with %s: %s, although it never ends', async (status, type, expected) => {
  const url = await site((_request, response) => {
    response.writeHead(status, { 'content-type': type });
    response.write('--frame');
  });
  expect(await ask(url)).toBe(expected);
});

it('F13: answers a digest challenge once, and F15: a refused password is not tried again', async () => {
  const seen: (string | undefined)[] = [];
  let right = true;
  const url = await site((request, response) => {
    seen.push(request.headers.authorization);
    if (request.headers.authorization !== undefined && right) {
      response.writeHead(200, { 'content-type': 'image/jpeg' }).end();
      return;
    }
    response.writeHead(401, {
      'www-authenticate': ['Basic realm="cam"', 'Digest realm="cam", nonce="n", qop="auth", algorithm=SHA-256'],
    });
    response.end();
  });
  expect(await ask(url, admin)).toBe(true);
  expect(seen).toEqual([undefined, expect.stringMatching(/^Digest username="admin"/)]);
  right = false;
  seen.length = 0;
  await expect(ask(url, admin)).rejects.toMatchObject({ code: 'camera_wrong_password' });
  expect(seen).toHaveLength(2);
  await expect(ask(url)).rejects.toMatchObject({ code: 'camera_wrong_password' });
});

it('follows no redirect, and sends nothing to where it leads', async () => {
  let reached = 0;
  const other = await site((_request, response) => {
    reached++;
    response.writeHead(200, { 'content-type': 'image/jpeg' }).end();
  });
  const url = await site((_request, response) => response.writeHead(302, { location: other }).end());
  expect(await ask(url, admin)).toBe(false);
  expect(reached).toBe(0);
});

it('what speaks no HTTP gives no pictures; a cancelled question ends', async () => {
  const port = await listen(net.createServer((socket) => socket.resume().end('SSH-2.0-x\r\n')));
  expect(await ask(`http://127.0.0.1:${port}/`)).toBe(false);
  const silent = await site(() => undefined);
  const gone = new AbortController();
  const asked = givesPictures({ url: silent, ...nobody }, gone.signal);
  gone.abort(new Error('gone'));
  await expect(asked).rejects.toThrow('gone');
});

it('ports that listen are told in the order asked; none, and why', async () => {
  const first = await listen(net.createServer());
  const second = await listen(net.createServer());
  const closed = await listen(net.createServer());
  await new Promise((resolve) => servers.pop()?.close(resolve));
  expect(await openPorts('127.0.0.1', [closed, second, first], never)).toEqual({
    open: [second, first],
    failure: null,
  });
  expect(await openPorts('127.0.0.1', [closed], never)).toEqual({ open: [], failure: 'camera_refused_connection' });
  expect(await openPorts('no-such-host.invalid', [80], never)).toEqual({ open: [], failure: 'camera_host_not_found' });
});
