/** Answers that come bit by bit, as lines of JSON, for those who asked for them. */
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { LinesAnswer } from './handlers.ts';

export const linesType = 'application/x-ndjson';

export function wantsLines(request: FastifyRequest): boolean {
  return (request.headers.accept ?? '').toLowerCase().includes(linesType);
}

export function isLines(answer: unknown): answer is LinesAnswer<unknown> {
  return typeof answer === 'object' && answer !== null && 'lines' in answer;
}

/** `asError`: what is sent as the last line when the lines break off. */
export function sendLines(
  reply: FastifyReply,
  { lines }: LinesAnswer<unknown>,
  asError: (error: unknown) => object,
): FastifyReply {
  async function* text(): AsyncGenerator<string> {
    try {
      for await (const line of lines) yield `${JSON.stringify(line)}\n`;
    } catch (error) {
      yield `${JSON.stringify(asError(error))}\n`;
    }
  }
  reply.type(linesType).header('cache-control', 'no-store');
  return reply.send(Readable.from(text(), { objectMode: false }));
}
