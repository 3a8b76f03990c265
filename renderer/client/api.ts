/**
 * The only code that talks to the hub over HTTP. Typed by the route table of the contract; in development every answer is
 * checked against its schema, so that a hub and an interface that drifted apart are noticed at the call and not in a screen.
 */
import { routes, type AnswerOf, type RouteName } from '#core/api/routes.ts';
import { apiError } from '#core/api/schemas.ts';
import { z } from 'zod';

// Zod's compiled validators need eval, which the CSP refuses.
z.config({ jitless: true });

type RouteMap = typeof routes;
type Part<N extends RouteName, K extends string> = RouteMap[N] extends Record<K, infer S extends z.ZodType> ? S : never;
type Loose<T> = { [K in keyof T]?: T[K] | undefined };

/** What a call needs: `params` fill the path, `query` is appended (undefined left out), `body` is sent as JSON. */
export type CallInput<N extends RouteName> = ([Part<N, 'params'>] extends [never]
  ? unknown
  : { params: z.output<Part<N, 'params'>> }) &
  ([Part<N, 'query'>] extends [never] ? unknown : { query?: Loose<z.output<Part<N, 'query'>>> }) &
  ([Part<N, 'body'>] extends [never] ? unknown : { body: z.input<Part<N, 'body'>> }) & {
    signal?: AbortSignal;
    /** Sent even if the page is being left. */
    keepalive?: boolean;
  };

/** The hub's own sentence, ready to be shown. `code` is stable; `status` is 0 when the hub did not answer at all. */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  readonly details: Record<string, unknown> | undefined;

  constructor(code: string, status: number, message: string, details?: Record<string, unknown>, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'ApiError';
    this.code = code;
    this.status = status;
    this.details = details;
  }
}

interface LooseInput {
  params?: Record<string, unknown>;
  query?: Record<string, unknown>;
  body?: unknown;
  signal?: AbortSignal;
  keepalive?: boolean;
}

/** The path of a route with its parameters filled in and its query appended: for `src`, `href` and WebSockets. */
export function urlOf<N extends RouteName>(
  name: N,
  input: Omit<CallInput<N>, 'body' | 'signal' | 'keepalive'>,
): string {
  const { params = {}, query = {} } = input as LooseInput;
  const path = routes[name].path.replace(/:([a-zA-Z]+)/g, (_, key: string) => encodeURIComponent(String(params[key])));
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (typeof value === 'string' || typeof value === 'number') search.set(key, String(value));
  }
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
}

const signedOutListeners = new Set<() => void>();
/** Called when the hub says 401. Returns the function that ends the subscription. */
export function onSignedOut(listener: () => void): () => void {
  signedOutListeners.add(listener);
  return () => signedOutListeners.delete(listener);
}

async function failure(response: Response): Promise<ApiError> {
  const text = await response.text();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    return new ApiError(
      'internal',
      response.status,
      `The hub answered ${response.status} without a reason.`,
      undefined,
      cause,
    );
  }
  const parsed = apiError.safeParse(json);
  if (!parsed.success) return new ApiError('internal', response.status, `The hub answered ${response.status}.`);
  const { code, message, details } = parsed.data.error;
  return new ApiError(code, response.status, message, details);
}

/** The answer as it comes, once the hub said yes. Throws ApiError; an abort is thrown as it is. */
export async function ask<N extends RouteName>(
  name: N,
  input: CallInput<N>,
  accept = 'application/json',
): Promise<Response> {
  const route = routes[name];
  const { body, signal, keepalive } = input as LooseInput;
  let response: Response;
  try {
    response = await fetch(urlOf(name, input), {
      method: route.method,
      credentials: 'same-origin',
      headers: { accept, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
      ...(keepalive ? { keepalive } : {}),
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ApiError('unavailable', 0, 'The hub does not answer. Is Porchlight still running?', undefined, cause);
  }
  if (!response.ok) {
    const error = await failure(response);
    if (response.status === 401 && name !== 'signIn') for (const listener of signedOutListeners) listener();
    throw error;
  }
  return response;
}

async function call<N extends RouteName>(name: N, input: CallInput<N>): Promise<AnswerOf<N>> {
  const route = routes[name];
  const response = await ask(name, input);
  const answer: unknown = await response.json();
  if (import.meta.env.DEV && typeof route.answer !== 'string') return route.answer.parse(answer) as AnswerOf<N>;
  return answer as AnswerOf<N>;
}

export const api = { call, urlOf };
