/** Sends one of our own files, whole or a range of it (RFC 9110, one range). */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { HubError } from '#core/base/errors.ts';

/** Throws `not_found` if the file is gone. */
export async function sendFile(request: FastifyRequest, reply: FastifyReply, path: string): Promise<FastifyReply> {
  let size: number;
  try {
    size = (await stat(path)).size;
  } catch (error) {
    throw new HubError('not_found', 'The file is not there any more.', { cause: error });
  }
  reply.header('accept-ranges', 'bytes');
  const range = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '');
  if (!range || (range[1] === '' && range[2] === '')) {
    return reply.header('content-length', String(size)).send(createReadStream(path));
  }
  const last = range[2] === '' ? size - 1 : Math.min(Number(range[2]), size - 1);
  const start = range[1] === '' ? Math.max(0, size - Number(range[2])) : Number(range[1]);
  const end = range[1] === '' ? size - 1 : last;
  if (start > end) return reply.code(416).header('content-range', `bytes */${size}`).send();
  return reply
    .code(206)
    .header('content-range', `bytes ${start}-${end}/${size}`)
    .header('content-length', String(end - start + 1))
    .send(createReadStream(path, { start, end }));
}
