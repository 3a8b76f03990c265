/**
 * The interface's files and the door into it: static files of the built renderer, the single-page fallback, the one-time
 * link, and the headers that keep the page to itself. A stranger may have the shell; it is the same for everybody and holds no data.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { HubError } from '#core/base/errors.ts';
import { setSessionCookie } from './session-cookie.ts';

const policy = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
  "worker-src 'self' blob:",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

export const securityHeaders: Record<string, string> = {
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  // The microphone is for speaking through a camera; the browser asks the person as well.
  'permissions-policy': 'camera=(), microphone=(self), geolocation=()',
};

/** `open` gives the session cookie for a good one-time key. */
export async function registerInterface(
  app: FastifyInstance,
  folder: string,
  open: (key: string, address: string) => string | null,
): Promise<void> {
  app.get('/open', (request, reply) => {
    const { key } = request.query as { key?: unknown };
    const cookie = typeof key === 'string' && key.length <= 100 ? open(key, request.ip) : null;
    // Without a good key the interface asks for the token; a session that is there still holds.
    if (cookie !== null) setSessionCookie(reply, cookie);
    return reply.header('cache-control', 'no-store').redirect(cookie === null ? '/?link=used' : '/', 303);
  });
  const built = existsSync(join(folder, 'index.html'));
  if (built) {
    const { default: fastifyStatic } = await import('@fastify/static');
    await app.register(fastifyStatic, {
      root: folder,
      wildcard: true,
      index: ['index.html'],
      cacheControl: false,
      setHeaders(reply, path) {
        const hashed = /[\\/]assets[\\/]/.test(path);
        reply.header('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    });
  }
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    const isPage = (request.method === 'GET' || request.method === 'HEAD') && !/^\/(api|assets)(\/|$)/.test(path);
    if (isPage && built) return reply.header('cache-control', 'no-cache').sendFile('index.html');
    if (isPage)
      return reply
        .code(503)
        .type('text/plain; charset=utf-8')
        .send('The interface is not built yet. Run: npm run build\n');
    throw new HubError('not_found', 'There is nothing at this address.');
  });
}
