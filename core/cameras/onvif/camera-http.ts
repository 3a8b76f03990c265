/**
 * HTTP with a camera that may ask who is there. Digest is answered when it is asked for, Basic only where no digest is.
 * Invariant: a password goes out only as the answer to a challenge, and after a refusal not again, unless the camera said
 * that merely its nonce had grown old.
 */
import { Authenticator, chooseChallenge } from '#core/base/camera-auth.ts';
import type { CameraTrust } from '#core/base/camera-trust.ts';
import { exchange, type HttpAnswer, type HttpRequest } from './http.ts';

const maxStale = 2;

type Request = Omit<HttpRequest, 'title' | 'authorise' | 'body' | 'trust'>;

export interface CheckedAnswer extends HttpAnswer {
  /** The password went out and the camera said no (401). */
  refused: boolean;
  /** How often the request was made. */
  tries: number;
}

export class CameraHttp {
  readonly #title: string;
  readonly #auth: Authenticator | null;
  readonly #trust: CameraTrust | undefined;
  #worked = false;

  constructor(title: string, username: string | null, password: string | null, trust?: CameraTrust) {
    this.#title = title;
    this.#trust = trust;
    this.#auth = username === null ? null : new Authenticator(username, password ?? '');
  }

  /** A challenge came before: requests carry the answer at once. */
  isChallenged(): boolean {
    return this.#auth?.challenged ?? false;
  }

  /** Without a password, whatever the camera asks. Its challenge is remembered. */
  async bare(request: Request & { body?: string }): Promise<HttpAnswer> {
    const answer = await exchange({ ...request, title: this.#title, trust: this.#trust });
    if (answer.status === 401) this.#learn(answer);
    return answer;
  }

  /**
   * With the password where the camera asks for it. A 401 comes back as an answer. `body` is made anew for every try: it may
   * hold a nonce, and cameras refuse one that they saw before.
   */
  async send({ body, ...request }: Request & { body?: () => string }): Promise<CheckedAnswer> {
    const endMs = performance.now() + request.timeoutMs;
    for (let tries = 0; ; tries++) {
      const carried = this.isChallenged();
      const timeoutMs = Math.max(1, endMs - performance.now());
      const authorise = (method: string, uri: string): string | null =>
        carried ? (this.#auth?.header(method, uri) ?? null) : null;
      const message = body === undefined ? {} : { body: body() };
      const answer = await exchange({
        ...request,
        ...message,
        ...{ timeoutMs, title: this.#title, authorise, trust: this.#trust },
      });
      if (answer.status !== 401) {
        if (carried) this.#worked = true;
        return { ...answer, refused: false, tries: tries + 1 };
      }
      const learnt = this.#learn(answer);
      // A nonce may grow old without the camera saying so: after a success, a new one is answered once.
      const again = learnt !== null && (!carried || learnt.stale || (this.#worked && learnt.fresh));
      this.#worked = false;
      if (!again || tries >= maxStale) return { ...answer, refused: carried, tries: tries + 1 };
    }
  }

  #learn(answer: HttpAnswer): { stale: boolean; fresh: boolean } | null {
    const challenge = this.#auth === null ? null : chooseChallenge(answer.challenges);
    if (challenge === null || this.#auth === null) return null;
    return { stale: challenge.stale, fresh: this.#auth.accept(challenge) };
  }
}
