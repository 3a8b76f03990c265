/** What a handler of a route gets and gives, typed by the route table. Handlers know nothing of HTTP but headers of byte answers. */
import type { z } from 'zod';
import type { routes, RouteName } from '#core/api/routes.ts';

/** An answer that is not JSON. `file`: an absolute path of ours, sent with range support. */
export interface BytesAnswer {
  body: Buffer | string | { file: string };
  headers?: Record<string, string>;
}

/** An answer that comes bit by bit, as lines of JSON. An error after the first line is the last line. */
export interface LinesAnswer<Line> {
  lines: AsyncIterable<Line>;
}

type Output<S> = S extends z.ZodType ? z.output<S> : undefined;
type Field<R, K extends string> = R extends Record<K, infer S> ? Output<S> : undefined;
type RouteOf<N extends RouteName> = (typeof routes)[N];

export interface Call<N extends RouteName> {
  params: Field<RouteOf<N>, 'params'>;
  query: Field<RouteOf<N>, 'query'>;
  body: Field<RouteOf<N>, 'body'>;
  /** Aborted when the asker went away. */
  signal: AbortSignal;
  /** The asker takes lines (`Accept: application/x-ndjson`) and the route offers them. */
  inLines: boolean;
}
type Lines<N extends RouteName> =
  RouteOf<N> extends { lines: infer L extends z.ZodType } ? LinesAnswer<z.input<L>> : never;
type Answer<N extends RouteName> = RouteOf<N>['answer'] extends z.ZodType ? z.input<RouteOf<N>['answer']> : BytesAnswer;

/** Answered by the server itself, because they are about its cookie or its sockets. */
type ServersOwn = 'getSession' | 'signIn' | 'signOut' | 'cameraLive' | 'cameraTalk' | 'liveEvents' | 'openapi';
export type HandledRoute = Exclude<RouteName, ServersOwn>;
export type Handlers = { [N in HandledRoute]: (call: Call<N>) => Answer<N> | Lines<N> | Promise<Answer<N>> };
