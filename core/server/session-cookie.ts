/** The session cookie: unreadable to scripts, never sent with a request that another site started. */
import type { FastifyReply } from 'fastify';
import { cookieName, sessionDays } from './auth.ts';

export function setSessionCookie(reply: FastifyReply, value: string): void {
  reply.setCookie(cookieName, value, {
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    maxAge: sessionDays * 86_400,
  });
}
