/**
 * A connection to one ONVIF camera: its clock read first, its services found, every call signed.
 * Invariants: a wrong password is tried at most twice (once signed in the message, once by HTTP) and then never again by
 * this connection; before it is known to be right, calls go one at a time; only the address that was typed is ever asked.
 */
import type { CameraTrust, ShownCertificate, TlsPins } from '#core/base/camera-trust.ts';
import type { Clock } from '#core/base/clock.ts';
import { HubError } from '#core/base/errors.ts';
import type { OnvifClock, OnvifTarget } from '#core/domain/onvif.ts';
import { atCamera, deviceUrl, readBase, type AddressKind, type Base } from './address.ts';
import { CameraHttp, type CheckedAnswer } from './camera-http.ts';
import { contentType, envelope } from './envelope.ts';
import type { HttpAnswer } from './http.ts';
import { titleOf } from './http-failure.ts';
import * as say from './connection-failure.ts';
import { readOutcome, type Outcome, type Settled } from './outcome.ts';
import {
  getCapabilities,
  getServices,
  getServicesOnly,
  portOfDevice,
  readCapabilities,
  readServices,
  type Services,
} from './services.ts';
import type { OnvifConnection, ServiceName, SoapRequest, XmlElement } from './soap-port.ts';
import { getSystemDateAndTime, readSystemTime } from './system-time.ts';
import { securityHeader } from './wsse.ts';
import { xmlBounds } from './xml.ts';
import { readUrl } from './zone.ts';

const defaultTimeoutMs = 10_000;
/** Cameras allow a signature some seconds of age; a clock that moved further than this explains a refusal. */
const clockToleranceMs = 5_000;

export interface ConnectEnvironment {
  clock: Clock;
  /** Ends the connecting; the calls made later have signals of their own. */
  signal?: AbortSignal | undefined;
  /** For connecting as a whole; 10 s unless told. */
  timeoutMs?: number | undefined;
  /** A certificate at an address that the target's pins don't know. From then on this connection takes no other there. */
  onCertificate?: ((shown: ShownCertificate) => void) | undefined;
}

export interface OnvifSession extends OnvifConnection {
  readonly title: string;
  /** The device service that answered. */
  readonly url: string;
  readonly target: OnvifTarget;
  /** The certificates that it takes: the target's, and the first ones that were shown since. */
  readonly pins?: TlsPins | undefined;
  /** As last read: at connecting, and when a refusal gave reason to read it again. */
  readonly clock: OnvifClock;
  /** One file from the camera's own address, with the password where HTTP asks for it. Any status but 401 is an answer. */
  get(
    url: string,
    limits: { timeoutMs: number; maxBytes: number; signal?: AbortSignal | undefined },
  ): Promise<HttpAnswer>;
}

/** Throws HubError, or the signal's reason. */
export async function connectOnvif(target: OnvifTarget, env: ConnectEnvironment): Promise<OnvifSession> {
  const connection = new Connection(target, env.clock, trustOf(target, env));
  const endMs = performance.now() + (env.timeoutMs ?? defaultTimeoutMs);
  await connection.open({ endMs, signal: env.signal });
  return connection;
}

function trustOf({ pins }: OnvifTarget, { onCertificate }: ConnectEnvironment): CameraTrust | undefined {
  if (pins === undefined) return undefined;
  const known: Record<string, string> = { ...pins };
  return {
    pins: known,
    onFirst: (shown) => {
      known[shown.address] = shown.fingerprint;
      onCertificate?.(shown);
    },
  };
}

interface Limits {
  /** On the monotonic clock. */
  endMs: number;
  signal: AbortSignal | undefined;
}

/** Needs a user, but no particular rights (access class READ_SYSTEM). */
const anybodysQuestion = {
  to: 'device',
  action: 'http://www.onvif.org/ver10/device/wsdl/GetDeviceInformation',
  body: '<tds:GetDeviceInformation/>',
} as const;

/** How a request says who asks: not at all, or as far as this camera is known to want it. */
type Manner = 'bare' | 'signed';

class Connection implements OnvifSession {
  readonly title: string;
  readonly target: OnvifTarget;
  readonly pins: TlsPins | undefined;
  clock: OnvifClock = { cameraMs: null, offsetMs: 0, timeZone: null, source: 'unknown' };
  readonly #time: Clock;
  readonly #http: CameraHttp;
  #base: Base;
  #services: Services = new Map();
  #ownPort: number | null = null;
  /** Signatures inside the message. Off once only HTTP's way was accepted. */
  #signs = true;
  #spoke = false;
  #proven = false;
  #refused: HubError | null = null;
  /** Some cameras keep users for ONVIF and for the web apart: a refused picture says nothing of the calls. */
  #getRefused: HubError | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(target: OnvifTarget, time: Clock, trust: CameraTrust | undefined) {
    this.target = target;
    this.pins = trust?.pins;
    this.title = titleOf(target.cameraName);
    this.#base = readBase(target.url);
    this.#time = time;
    this.#http = new CameraHttp(this.title, target.username, target.password, trust);
  }

  get url(): string {
    return deviceUrl(this.#base);
  }

  get clockOffsetMs(): number {
    return this.clock.offsetMs;
  }

  has(service: ServiceName): boolean {
    return service === 'device' || this.#services.has(service);
  }

  capabilities(service: ServiceName): XmlElement | null {
    return this.#services.get(service)?.capabilities ?? null;
  }

  allowed(address: string, kind: AddressKind): string | null {
    return atCamera(address, kind, this.#base, this.#ownPort);
  }

  async call(request: SoapRequest): Promise<XmlElement> {
    const url = this.#urlOf(request.to);
    const limits = this.#limits(request);
    if (this.#proven || this.target.username === null) return this.#ask(request, url, limits, false);
    return this.#inTurn(() => this.#ask(request, url, limits, true));
  }

  async get(
    url: string,
    options: { timeoutMs: number; maxBytes: number; signal?: AbortSignal | undefined },
  ): Promise<HttpAnswer> {
    const allowed = this.allowed(url, 'http');
    if (allowed === null) throw say.unusableAddress(this.title);
    const refused = this.#refused ?? this.#getRefused;
    if (refused !== null) throw refused;
    const answer = await this.#http.send({ ...options, url: allowed, method: 'GET' });
    if (answer.status !== 401) return answer;
    if (this.target.username === null) throw say.asksForPassword(this.title);
    this.#getRefused = answer.refused ? say.wrongPassword(this.title, 'HTTP 401') : say.unknownScheme(this.title);
    throw this.#getRefused;
  }

  /** Reads the clock, then the services. */
  async open(limits: Limits): Promise<void> {
    const time = await this.#askTime(limits);
    if (time.kind === 'error' && !isFault(time.error)) throw time.error;
    if (time.kind === 'refused') {
      if (time.date !== undefined) this.#clockFromDate(time.date);
      await this.#readTimeSigned(limits);
    }
    this.#services = await this.#findServices(limits);
    this.#ownPort = portOfDevice(this.#services);
  }

  async #findServices(limits: Limits): Promise<Services> {
    let failure: HubError | null = null;
    const ways = [
      [getServices, readServices],
      [getServicesOnly, readServices],
      [getCapabilities, readCapabilities],
    ] as const;
    for (const [question, read] of ways) {
      try {
        const services = read(await this.#openly({ to: 'device', ...question }, limits));
        if ([...services.keys()].some((name) => name !== 'device')) return services;
      } catch (error) {
        // Some close the connection on a question they don't know.
        const closed = error instanceof HubError && this.#spoke && error.code === 'camera_closed';
        if (!(error instanceof HubError) || !(isAbsence(error) || closed)) throw error;
        failure = closed ? error : (failure ?? error);
      }
    }
    if (failure !== null && !(this.#spoke && isAbsence(failure))) throw failure;
    return new Map();
  }

  /** A question that needs no password by the specification: asked without, and with one only where a camera wants it. */
  async #openly(request: SoapRequest, limits: Limits): Promise<XmlElement> {
    const url = this.#urlOf(request.to);
    const outcome = await this.#once(request, url, limits, 'bare');
    if (outcome.kind === 'answer') return outcome.body;
    const hopeless = this.target.username === null || (outcome.kind === 'error' && !isFault(outcome.error));
    if (hopeless) throw outcome.kind === 'error' ? outcome.error : say.asksForPassword(this.title);
    return this.#inTurn(() => this.#ask(request, url, limits, true));
  }

  /** One call with all the tries it may have. `inTurn`: no other call is made meanwhile. */
  async #ask(request: SoapRequest, url: string, limits: Limits, inTurn: boolean): Promise<XmlElement> {
    if (this.#refused !== null) throw this.#refused;
    const wasProven = this.#proven;
    const first = await this.#signed(request, url, limits);
    if (first.kind !== 'refused') return this.#accept(request, first);
    if (this.target.username === null) throw say.asksForPassword(this.title);
    if (first.by !== 'http' && this.#signs) {
      if (await this.#clockMoved(limits)) {
        const second = await this.#once(request, url, limits, 'signed');
        if (second.kind !== 'refused') return this.#accept(request, second);
        throw this.#end(say.clockRuns(this.title));
      }
      if (first.by === 'expired') throw say.clockOff(this.title, this.clock);
    }
    if (first.by === 'http') {
      throw first.certain ? this.#end(say.wrongPassword(this.title, 'HTTP 401')) : say.unknownScheme(this.title);
    }
    if (first.tries === 1) {
      const second = wasProven ? null : await this.#byHttpAlone(request, url, limits);
      if (second !== null && second.kind !== 'refused') return this.#accept(request, second);
      const proof = (): Promise<boolean> => this.#provePassword(limits);
      // The password may be right and this user's rights too few: the two faults are one in the specification.
      const worth = second === null && request.action !== anybodysQuestion.action;
      if (worth && (await (inTurn ? proof() : this.#inTurn(proof)))) {
        throw say.notAllowed(this.title, this.target.username);
      }
    }
    throw this.#end(say.wrongPassword(this.title, 'NotAuthorized'));
  }

  /** From here on this connection sends nothing any more. */
  #end(error: HubError): HubError {
    this.#refused ??= error;
    return error;
  }

  /** Asks what every user may ask. */
  async #provePassword(limits: Limits): Promise<boolean> {
    if (this.#refused !== null) throw this.#refused;
    const outcome = await this.#once(anybodysQuestion, this.url, limits, 'signed');
    if (outcome.kind === 'answer') this.#proven = true;
    return outcome.kind !== 'refused';
  }

  #accept(request: SoapRequest, outcome: Settled): XmlElement {
    if (outcome.kind === 'error') throw outcome.error;
    if (!isOpenToAll(request.action)) this.#proven = true;
    return outcome.body;
  }

  /** The other scheme, for cameras that refuse a signature inside the message: they challenge when there is none. */
  async #byHttpAlone(request: SoapRequest, url: string, limits: Limits): Promise<Outcome | null> {
    if (!this.#http.isChallenged()) {
      const bare = await this.#once(request, url, limits, 'bare');
      if (bare.kind !== 'refused') return bare;
      if (!this.#http.isChallenged()) return null;
    }
    this.#signs = false;
    const outcome = await this.#once(request, url, limits, 'signed');
    if (outcome.kind === 'refused') this.#signs = true;
    return outcome;
  }

  /** Some cameras that know HTTP's way alone call a message with a signature in it broken: it is left out then. */
  async #signed(request: SoapRequest, url: string, limits: Limits): Promise<Outcome> {
    const outcome = await this.#once(request, url, limits, 'signed');
    if (this.#proven || !this.#signs || this.target.username === null || !mayDislikeSignature(outcome)) return outcome;
    const other = await this.#byHttpAlone(request, url, limits);
    const better = other?.kind === 'answer' || (other?.kind === 'refused' && other.by === 'http');
    return better ? other : outcome;
  }

  async #once(request: SoapRequest, url: string, limits: Limits, manner: Manner): Promise<Outcome> {
    const { username, password } = this.target;
    const signs = manner === 'signed' && this.#signs && username !== null;
    const body = (): string => {
      const cameraNowMs = this.#time.nowMs() + this.clock.offsetMs;
      return envelope(request, url, signs ? securityHeader(username, password ?? '', cameraNowMs) : '');
    };
    const message = {
      url,
      method: 'POST',
      headers: { 'Content-Type': contentType(request.action) },
      timeoutMs: Math.max(1, limits.endMs - performance.now()),
      maxBytes: xmlBounds.bytes,
      signal: limits.signal,
    } as const;
    const answer: HttpAnswer & Partial<CheckedAnswer> =
      manner === 'bare'
        ? await this.#http.bare({ ...message, body: body() })
        : await this.#http.send({ ...message, body });
    const outcome = readOutcome(answer, { title: this.title, where: readUrl(this.url).url.host, spoke: this.#spoke });
    if (outcome.spoke) this.#spoke = true;
    if (outcome.kind === 'answer') this.#moveTo(answer.url, url);
    return outcome;
  }

  /** A camera that sends http to https on its own host is asked there from now on. */
  #moveTo(answeredAt: string, asked: string): void {
    if (answeredAt === asked || asked !== this.url) return;
    this.#base = readBase(answeredAt);
  }

  async #askTime(limits: Limits, manner: Manner = 'bare'): Promise<Outcome> {
    const request: SoapRequest = { to: 'device', ...getSystemDateAndTime };
    const sentMs = this.#time.monoMs();
    const outcome = await (manner === 'bare'
      ? this.#once(request, this.url, limits, manner)
      : this.#signed(request, this.url, limits));
    const hubMs = this.#time.nowMs() - (this.#time.monoMs() - sentMs) / 2;
    if (outcome.kind === 'answer') {
      const read = readSystemTime(outcome.body, hubMs);
      if (read.cameraMs !== null || this.clock.cameraMs === null) {
        this.clock = read.cameraMs === null ? { ...read, offsetMs: this.clock.offsetMs } : read;
      }
    }
    return outcome;
  }

  async #readTimeSigned(limits: Limits): Promise<void> {
    if (this.target.username === null) throw say.asksForPassword(this.title);
    const outcome = await this.#askTime(limits, 'signed');
    if (outcome.kind === 'refused') {
      throw this.#end(say.wrongPassword(this.title, outcome.by === 'http' ? 'HTTP 401' : 'NotAuthorized'));
    }
    if (outcome.kind === 'error' && !isFault(outcome.error)) throw outcome.error;
  }

  /** Reads the clock again. True when what we signed with was wrong by more than cameras forgive. */
  async #clockMoved(limits: Limits): Promise<boolean> {
    const before = this.clock.offsetMs;
    const outcome = await this.#askTime(limits);
    return outcome.kind === 'answer' && Math.abs(this.clock.offsetMs - before) > clockToleranceMs;
  }

  /** A camera that does not tell its time to strangers says it in HTTP's Date all the same, mostly. */
  #clockFromDate(date: string): void {
    const ms = Date.parse(date);
    if (Number.isFinite(ms) && ms > 0) this.clock = { ...this.clock, offsetMs: ms - this.#time.nowMs() };
  }

  #urlOf(to: SoapRequest['to']): string {
    if (to === 'device') return this.url;
    const address = typeof to === 'string' ? this.#services.get(to)?.address : to.url;
    if (address === undefined) throw say.noService(this.title, typeof to === 'string' ? to : 'events');
    const url = this.allowed(address, 'service');
    if (url !== null) return url;
    // What names no place is no place of its own: many cameras answer everything at one address.
    if (typeof to === 'string') return this.url;
    throw say.unusableAddress(this.title);
  }

  #limits(request: SoapRequest): Limits {
    return { endMs: performance.now() + (request.timeoutMs ?? defaultTimeoutMs), signal: request.signal };
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    // The next one waits for the end of this one, whatever it was; the caller hears of a failure.
    this.#turn = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }
}

/** The camera understood and said no, to the question rather than to who asks. */
function isFault(error: HubError): boolean {
  return error.code === 'not_offered' || error.code === 'camera_error';
}

function mayDislikeSignature(outcome: Outcome): boolean {
  if (outcome.kind !== 'error') return false;
  const { code, details } = outcome.error;
  if (code === 'camera_not_onvif' || code === 'camera_bad_description') return true;
  const codes = details?.['fault'];
  return code === 'camera_error' && (!Array.isArray(codes) || codes.includes('MustUnderstand'));
}

/** Errors that say no more than that this question is not answered. */
function isAbsence(error: HubError): boolean {
  return isFault(error) || error.code === 'camera_bad_description';
}

/** Answered without a password by the specification (access class PRE_AUTH): success proves nothing. */
function isOpenToAll(action: string): boolean {
  return /\/(GetSystemDateAndTime|GetServices|GetCapabilities|GetServiceCapabilities|GetWsdlUrl|GetHostname|GetEndpointReference)(Request)?$/.test(
    action,
  );
}
