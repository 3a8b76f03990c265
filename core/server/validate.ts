/** Turns what came over the wire into the contract's types, or into a sentence that names the field. */
import type { z } from 'zod';
import { HubError } from '#core/base/errors.ts';

/** Throws `bad_request` with the first problem as a sentence and all of them in `details.fields`. */
export function validated<S extends z.ZodType>(
  schema: S,
  value: unknown,
  where: 'body' | 'query' | 'address',
): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const fields = result.error.issues.slice(0, 20).map((issue) => ({
    field: issue.path.map(String).join('.').slice(0, 200),
    problem: issue.message.slice(0, 200),
  }));
  const first = fields[0];
  const what = where === 'address' ? 'the address' : where === 'query' ? 'the question' : 'what was sent';
  const sentence =
    first && first.field !== ''
      ? `The field "${first.field}" is not right: ${first.problem}.`
      : `Something in ${what} is not right: ${first?.problem ?? 'it has the wrong shape'}.`;
  throw new HubError('bad_request', sentence, { details: { fields } });
}
