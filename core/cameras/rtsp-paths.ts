/**
 * Guesses the stream addresses of a camera that speaks no ONVIF, from a list of what makers use (resources/rtsp-paths.json).
 * Invariants: one connection at a time and few in all; the first refused password ends it; no path carries a password.
 */
import { HubError } from '#core/base/errors.ts';
import type { DescribedVideo, DescribeOutcome } from '#core/domain/rtsp-guess.ts';
import list from '../../resources/rtsp-paths.json' with { type: 'json' };

export interface GuessTarget {
  host: string;
  /** Null: 554, and where nothing listens there the other ports of the list. */
  port: number | null;
}

export interface GuessedStreams {
  /** The maker that the camera's own words gave away; null when it was a lucky guess. */
  make: string | null;
  main: string;
  sub: string | null;
  video: DescribedVideo;
  /** Connections that were made. */
  tries: number;
}

export interface GuessLimits {
  tries: number;
  totalMs: number;
  pauseMs: number;
}

/** Small cameras take one connection at a time, and some lock out who knocks too often. */
export const guessLimits: GuessLimits = { tries: 40, totalMs: 30_000, pauseMs: 250 };
/** A camera that hangs up on wrong paths is patient for longer than one that is gone. */
const mostFailuresInARow = 3;
const usualPort = 554;

interface Candidate {
  maker: string;
  main: string;
  sub: string | null;
}

/**
 * `describe` asks one address once, with the person's user name and password. Null: none of the paths is right, or time is
 * up. Throws HubError `camera_wrong_password` (a password is wanted, or was refused), `camera_too_many_connections`,
 * `camera_unsupported_codec`, and what else keeps the camera from answering; the signal's reason when it was cancelled.
 */
export async function guessStreams(
  target: GuessTarget,
  describe: (url: string, signal: AbortSignal) => Promise<DescribeOutcome>,
  signal: AbortSignal,
  limits: GuessLimits = guessLimits,
): Promise<GuessedStreams | null> {
  const guess = new Guess(target.host, describe, signal, limits);
  try {
    return await guess.run(target.port === null ? otherPorts() : [target.port]);
  } catch (error) {
    if (error instanceof OutOfTries) return guess.giveUp();
    throw error;
  }
}

class OutOfTries extends Error {}

class Guess {
  readonly #host: string;
  readonly #describe: (url: string, signal: AbortSignal) => Promise<DescribeOutcome>;
  readonly #signal: AbortSignal;
  readonly #limits: GuessLimits;
  readonly #endsAt: number;
  #port = usualPort;
  #tries = 0;
  #failures = 0;
  /** Of the camera, in lower case. */
  #words = '';
  #why: HubError | null = null;

  constructor(
    host: string,
    describe: (url: string, signal: AbortSignal) => Promise<DescribeOutcome>,
    signal: AbortSignal,
    limits: GuessLimits,
  ) {
    this.#host = host.includes(':') ? `[${host.replace(/^\[|\]$/g, '').replace(/%(25)?/, '%25')}]` : host;
    this.#describe = describe;
    this.#signal = signal;
    this.#limits = limits;
    this.#endsAt = performance.now() + limits.totalMs;
  }

  async run(ports: readonly number[]): Promise<GuessedStreams | null> {
    const tried = new Set<string>();
    const next = (): Candidate | undefined => inOrder(this.#words).find((each) => !tried.has(each.main));
    let candidate = next();
    // The first question also finds the port, and often the maker.
    let outcome = candidate ? await this.#firstAnswer(candidate, ports) : null;
    while (candidate && outcome) {
      tried.add(candidate.main);
      if (outcome.kind === 'video') return await this.#found(candidate, outcome.video);
      candidate = next();
      outcome = candidate ? await this.#ask(candidate.main) : null;
    }
    return this.giveUp();
  }

  /** Throws when there was a stream, but none that can be recorded. */
  giveUp(): null {
    if (this.#why !== null) throw this.#why;
    return null;
  }

  async #firstAnswer(candidate: Candidate, ports: readonly number[]): Promise<DescribeOutcome> {
    let first: HubError | null = null;
    for (const port of ports) {
      this.#port = port;
      try {
        return await this.#ask(candidate.main);
      } catch (error) {
        // Only a port where no camera listens is a reason to try another one.
        const closed =
          error instanceof HubError && ['camera_refused_connection', 'camera_not_rtsp'].includes(error.code);
        if (!closed) throw first ?? error;
        first ??= error;
      }
    }
    throw first ?? new OutOfTries();
  }

  async #found(candidate: Candidate, video: DescribedVideo): Promise<GuessedStreams> {
    const main = { url: this.#url(candidate.main), video };
    const sub = await this.#subStream(candidate, video);
    const make = hinted(this.#words).includes(candidate.maker) ? candidate.maker : null;
    const swapped = sub !== null && pixels(sub.video) > pixels(video);
    const [large, small] = swapped ? [sub, main] : [main, sub];
    return { make, main: large.url, sub: small?.url ?? null, video: large.video, tries: this.#tries };
  }

  /** A camera that answers any path the same way has no second stream for us. */
  async #subStream(candidate: Candidate, main: DescribedVideo): Promise<{ url: string; video: DescribedVideo } | null> {
    if (candidate.sub === null) return null;
    try {
      const outcome = await this.#ask(candidate.sub);
      if (outcome.kind !== 'video' || outcome.video.fingerprint === main.fingerprint) return null;
      return { url: this.#url(candidate.sub), video: outcome.video };
    } catch (error) {
      this.#signal.throwIfAborted();
      if (error instanceof OutOfTries || error instanceof HubError) return null; // the main stream is found all the same
      throw error;
    }
  }

  async #ask(path: string): Promise<DescribeOutcome> {
    if (this.#tries > 0) await pause(this.#limits.pauseMs, this.#signal);
    this.#signal.throwIfAborted();
    if (this.#tries >= this.#limits.tries || performance.now() >= this.#endsAt) throw new OutOfTries();
    this.#tries++;
    const outcome = await this.#describe(this.#url(path), this.#signal);
    this.#words = `${this.#words} ${outcome.server} ${outcome.realm}`.toLowerCase().slice(-1_000);
    if (outcome.kind === 'nothing') this.#why ??= outcome.why;
    if (outcome.kind !== 'failed') {
      this.#failures = 0;
      return outcome;
    }
    // Some cameras hang up, or keep silent, instead of saying that there is nothing at a path.
    const maybePath = ['camera_closed', 'camera_silent', 'camera_bad_description'].includes(outcome.error.code);
    if (!maybePath || ++this.#failures >= mostFailuresInARow) throw outcome.error;
    if (outcome.error.code === 'camera_silent' && this.#tries === 1) throw outcome.error;
    return outcome;
  }

  #url(path: string): string {
    return `rtsp://${this.#host}${this.#port === usualPort ? '' : `:${this.#port}`}${path}`;
  }
}

/** Makers whose words are in what the camera said. */
function hinted(words: string): string[] {
  return list.makers.filter(({ hints }) => hints.some((hint) => words.includes(hint))).map(({ maker }) => maker);
}

/** All of the makers that the words hint at, then the first form of every maker, then the rest. */
function inOrder(words: string): Candidate[] {
  const likely = hinted(words);
  const rank = (maker: string, form: number): number => (likely.includes(maker) ? -1 : form);
  return list.makers
    .flatMap(({ maker, paths }) =>
      paths.map(({ main, sub }, form) => ({ candidate: { maker, main, sub }, rank: rank(maker, form) })),
    )
    .sort((a, b) => a.rank - b.rank)
    .map(({ candidate }) => candidate);
}

function otherPorts(): number[] {
  return [...new Set([usualPort, ...list.makers.map(({ port }) => port)])];
}

const pixels = (video: DescribedVideo): number => (video.width ?? 0) * (video.height ?? 0);

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    if (signal.aborted) done();
  });
}
