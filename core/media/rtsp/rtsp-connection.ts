/**
 * Requests and answers on one camera connection, with authentication; packets go past to whoever receives them.
 * Invariants: every request ends (answer, timeout or close); the password is sent at most once per challenge, and per
 * request for at most two new challenges; after a refusal nothing more is tried.
 */
import { chooseChallenge, type Authenticator } from '#core/base/camera-auth.ts';
import { parseMessage, formatRequest, type RtspResponse } from './rtsp-message.ts';
import {
  connectionFailure,
  failure,
  noAnswer,
  notRtsp,
  nonsense,
  tlsFailure,
  type CameraPlace,
} from './camera-failure.ts';
import { CameraSocket } from './camera-socket.ts';
import { InterleavedParser } from './interleaved-parser.ts';
import { mostSkippedBytes, NonsenseBudget } from './nonsense-budget.ts';

export interface ConnectionEvents {
  onPacket(channel: number, buffer: Buffer, start: number, end: number): void;
  onResync(): void;
  /** Once, last. */
  onClose(error: Error): void;
}

export interface ConnectionTimeouts {
  connectMs: number;
  responseMs: number;
}

interface Waiting {
  cseq: number;
  resolve(response: RtspResponse): void;
  reject(error: Error): void;
  timer: NodeJS.Timeout;
}

const userAgent = 'Porchlight';
const maxWaiting = 8;

export class RtspConnection {
  /** Sent with every request once the camera gave one. */
  session: string | null = null;
  readonly socket: CameraSocket;
  readonly #place: CameraPlace;
  readonly #events: ConnectionEvents;
  readonly #timeouts: ConnectionTimeouts;
  readonly #auth: Authenticator | null;
  readonly #parser: InterleavedParser;
  readonly #nonsense = new NonsenseBudget();
  readonly #connected: Promise<void>;
  #waiting: Waiting[] = [];
  #cseq = 0;
  #isConnected = false;
  #heard = false;
  #closed: Error | null = null;

  constructor(place: CameraPlace, auth: Authenticator | null, timeouts: ConnectionTimeouts, events: ConnectionEvents) {
    this.#place = place;
    this.#events = events;
    this.#timeouts = timeouts;
    this.#auth = auth;
    this.#parser = new InterleavedParser({
      onPacket: (channel, buffer, start, end) => {
        events.onPacket(channel, buffer, start, end);
      },
      onMessage: (head, body) => {
        this.#message(head, body);
      },
      onResync: () => {
        if (this.#heard) {
          events.onResync();
          this.#spend();
        } else this.fail(notRtsp(place, 'it speaks something else'));
      },
    });
    const opened = Promise.withResolvers<undefined>();
    this.#connected = opened.promise;
    const timer = setTimeout(() => {
      this.fail(place.tls && this.socket.reached ? tlsFailure(place) : noAnswer(place, false));
    }, timeouts.connectMs);
    this.socket = new CameraSocket(place, {
      onConnect: () => {
        clearTimeout(timer);
        this.#isConnected = true;
        opened.resolve(undefined);
      },
      onBytes: (buffer, length) => {
        this.#bytes(buffer, length);
      },
      onClose: (error) => {
        clearTimeout(timer);
        const reason = connectionFailure(place, error, this.#isConnected);
        this.#end(reason);
        opened.reject(reason);
      },
    });
    // A request may never be made; its failure is reported through onClose all the same.
    this.#connected.catch((error: unknown) => error);
  }

  get resyncs(): number {
    return this.#parser.resyncs;
  }

  get closed(): boolean {
    return this.#closed !== null;
  }

  /**
   * The camera's answer, whatever its status. Rejects with a HubError when there is none. `heard` is called with each answer
   * before the packets that came along with it are read.
   */
  async request(
    method: string,
    url: string,
    headers: Record<string, string> = {},
    heard?: (response: RtspResponse) => void,
  ): Promise<RtspResponse> {
    await this.#connected;
    let response = await this.#send(method, url, headers, heard);
    for (let tries = 0; response.status === 401 && this.#auth !== null && tries < 2; tries++) {
      const challenge = chooseChallenge(response.headers.all('www-authenticate'));
      if (challenge === null) {
        throw failure(
          this.#place,
          'camera_error',
          'asks for the password in a way Porchlight does not know. Switch its RTSP authentication to Digest.',
        );
      }
      // A second challenge without `stale` means that the password was wrong, even when it carries a new nonce.
      if (tries > 0 && !challenge.stale) return response;
      if (!this.#auth.accept(challenge)) return response;
      response = await this.#send(method, url, headers, heard);
    }
    return response;
  }

  /** Sends without caring for the answer, which must not disturb either. */
  notify(method: string, url: string, onAnswer: (response: RtspResponse) => void): void {
    if (this.#closed !== null || this.#waiting.length >= maxWaiting) return;
    // A keep-alive that stays unanswered is no reason to end a stream that flows.
    this.#send(method, url, {}).then(onAnswer, (error: unknown) => error);
  }

  /** Ends the connection for this reason. */
  fail(error: Error): void {
    this.#parser.stop();
    this.socket.destroy(error);
    this.#end(error);
  }

  async #send(
    method: string,
    url: string,
    headers: Record<string, string>,
    heard?: (response: RtspResponse) => void,
  ): Promise<RtspResponse> {
    if (this.#closed !== null) throw this.#closed;
    const cseq = ++this.#cseq;
    const all: Record<string, string> = { CSeq: String(cseq), 'User-Agent': userAgent, ...headers };
    const authorization = this.#auth?.header(method, url) ?? null;
    if (authorization !== null) all['Authorization'] = authorization;
    if (this.session !== null) all['Session'] = this.session;
    const text = formatRequest(method, url, all);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting = this.#waiting.filter((each) => each.cseq !== cseq);
        reject(noAnswer(this.#place, true));
      }, this.#timeouts.responseMs);
      const answered = (response: RtspResponse): void => {
        heard?.(response);
        resolve(response);
      };
      this.#waiting.push({ cseq, resolve: answered, reject, timer });
      this.socket.write(text);
    });
  }

  #bytes(buffer: Buffer, length: number): void {
    if (this.#closed !== null) return;
    try {
      this.#parser.feed(buffer, length);
      if (this.#parser.skippedInARow > mostSkippedBytes) this.fail(nonsense(this.#place));
    } catch (error) {
      // A bug of ours, or of the sink: this camera's pull ends, the others go on.
      this.fail(
        failure(this.#place, 'internal', 'sent something Porchlight could not handle. It will connect again.', error),
      );
    }
  }

  #spend(): void {
    if (!this.#nonsense.spend(performance.now())) this.fail(nonsense(this.#place));
  }

  #message(head: string, body: Buffer): void {
    const message = parseMessage(head, body);
    // Only answers to questions are free.
    if (message?.kind !== 'response' || this.#waiting.length === 0) this.#spend();
    if (message === null || this.#closed !== null) return;
    this.#heard = true;
    if (message.kind === 'response' && message.protocol === 'HTTP') {
      this.fail(notRtsp(this.#place, 'a web server is there'));
      return;
    }
    if (message.kind === 'request') {
      const cseq = message.headers.get('cseq');
      const known = ['OPTIONS', 'GET_PARAMETER', 'SET_PARAMETER', 'ANNOUNCE'].includes(message.method);
      const echo = cseq !== null && /^\d{1,10}$/.test(cseq) ? `CSeq: ${cseq}\r\n` : '';
      this.socket.write(`RTSP/1.0 ${known ? '200 OK' : '501 Not Implemented'}\r\n${echo}\r\n`);
      return;
    }
    // Some cameras number their answers wrongly or not at all: then it belongs to the oldest question.
    const cseq = Number(message.headers.get('cseq') ?? NaN);
    const at = Math.max(
      0,
      this.#waiting.findIndex((each) => each.cseq === cseq),
    );
    if (cseq < (this.#waiting[0]?.cseq ?? 0)) return; // the late answer to a question given up
    const [waiting] = this.#waiting.splice(at, 1);
    if (!waiting) return;
    clearTimeout(waiting.timer);
    waiting.resolve(message);
  }

  #end(error: Error): void {
    if (this.#closed !== null) return;
    this.#closed = error;
    for (const each of this.#waiting.splice(0)) {
      clearTimeout(each.timer);
      each.reject(error);
    }
    this.#events.onClose(error);
  }
}
