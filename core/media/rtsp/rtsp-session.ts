/**
 * From an address to a playing session: connect, DESCRIBE, SETUP, PLAY, with everything cameras do in between.
 * Invariants: at most four connections are made; a redirect is followed on the same host only, so that a camera can't
 * send us (or its password) elsewhere.
 */
import { Authenticator } from '#core/base/camera-auth.ts';
import { clean } from '#core/base/clean-text.ts';
import type { CameraTrust } from '#core/base/camera-trust.ts';
import type { PullTarget } from '#core/domain/media.ts';
import { failure, statusFailure, type CameraPlace } from './camera-failure.ts';
import { placeOfTarget, placeOfUrl } from './camera-place.ts';
import { chooseTracks, type Chosen } from './choose-tracks.ts';
import { RtspConnection, type ConnectionEvents, type ConnectionTimeouts } from './rtsp-connection.ts';
import { baseUrl, controlUrl, parseSession, parseTransport, type RtspResponse } from './rtsp-message.ts';

const maxConnections = 4;
const defaultSessionSeconds = 60;
/** Some servers forget a session sooner than they say. */
const maxKeepAliveMs = 20_000;
const minKeepAliveMs = 3_000;

export class RtspSession {
  readonly place: CameraPlace;
  connection: RtspConnection;
  keepAliveMs = maxKeepAliveMs;
  readonly #target: Omit<PullTarget, 'cameraId' | 'audio'>;
  readonly #timeouts: ConnectionTimeouts;
  readonly #events: ConnectionEvents;
  readonly #auth: Authenticator | null;
  /** On every request of the session, e.g. `Require` for the ONVIF backchannel. */
  readonly #headers: Readonly<Record<string, string>>;
  readonly #trust: CameraTrust | undefined;
  #url: string;
  #connections = 0;
  #base = '';
  #aggregate = '';
  #getParameter = false;
  #onlyOptions = false;
  /** The last GET_PARAMETER, so far. */
  #unanswered = false;
  #replaced = false;

  /** `events.onClose` comes only for the last connection, not for those that were given up for another. */
  constructor(
    target: Omit<PullTarget, 'cameraId' | 'audio'>,
    timeouts: ConnectionTimeouts,
    events: ConnectionEvents,
    headers: Readonly<Record<string, string>> = {},
  ) {
    this.#headers = headers;
    this.#target = target;
    this.#timeouts = timeouts;
    this.#events = events;
    this.#auth = target.username === null ? null : new Authenticator(target.username, target.password ?? '');
    this.#url = target.url;
    const { pins, onCertificate } = target;
    this.#trust = pins && { pins, onFirst: ({ address, fingerprint }) => onCertificate?.(address, fingerprint) };
    this.place = placeOfTarget(target);
    this.connection = this.#connect(this.place);
  }

  /** Throws the HubError that ends this attempt. */
  async describe(): Promise<Chosen> {
    const chosen = chooseTracks(this.place, await this.description());
    this.control(chosen.control);
    return chosen;
  }

  /** The description's text. Who reads it itself says `control` next. Throws as `describe`. */
  async description(): Promise<string> {
    const response = await this.#describe();
    if (response.status !== 200) throw this.#refused(response);
    this.#base = baseUrl(response, this.#url);
    this.#noteMethods(response);
    return response.body.toString('utf8');
  }

  /** The session's own control address, as the description gave it. */
  control(control: string | null): void {
    this.#aggregate = controlUrl(this.#base, control);
  }

  /** Returns the channel on which the track's RTP comes, and its source if the camera names one. */
  async setup(control: string | null, channel: number): Promise<{ channel: number; ssrc: number | null }> {
    const response = await this.connection.request('SETUP', controlUrl(this.#trackBase(control), control), {
      ...this.#headers,
      Transport: `RTP/AVP/TCP;unicast;interleaved=${channel}-${channel + 1}`,
    });
    if (response.status !== 200) throw this.#refused(response);
    const session = response.headers.get('session');
    if (session !== null) {
      const { id, timeoutSeconds } = parseSession(session);
      // Some cameras answer each SETUP with another id and mean the first.
      if (id !== '') this.connection.session ??= id;
      // A third: one that is ignored may be followed by another that is not.
      const third = ((timeoutSeconds ?? defaultSessionSeconds) * 1000) / 3;
      this.keepAliveMs = Math.min(this.keepAliveMs, Math.max(minKeepAliveMs, third));
    }
    const transport = parseTransport(response.headers.get('transport') ?? '');
    return { channel: transport.channel ?? channel, ssrc: transport.ssrc };
  }

  /** `numbered` hears, before the first packet, what the camera says of the numbering of its packets (RTP-Info). */
  async play(numbered: (rtpInfo: string | null) => void = () => undefined): Promise<void> {
    const headers = { ...this.#headers, Range: 'npt=0.000-' };
    const response = await this.connection.request('PLAY', this.#aggregate, headers, (heard) => {
      numbered(heard.headers.get('rtp-info'));
    });
    if (response.status !== 200) throw this.#refused(response);
  }

  /** Keeps the session from expiring. The answer only tells which method the camera prefers. */
  keepAlive(): void {
    // It listed a method that it refuses, or takes no notice of: the other one is known to all.
    if (this.#unanswered) this.#onlyOptions = true;
    const method = this.#getParameter && !this.#onlyOptions ? 'GET_PARAMETER' : 'OPTIONS';
    this.#unanswered = method === 'GET_PARAMETER';
    this.connection.notify(method, this.#aggregate, (response) => {
      this.#unanswered = false;
      if (response.status === 200) this.#noteMethods(response);
      else this.#onlyOptions = true;
    });
  }

  /** Says goodbye; resolves when the camera answered or can't any more. */
  async teardown(): Promise<void> {
    if (this.connection.session === null || this.connection.closed) return;
    await this.connection.request('TEARDOWN', this.#aggregate);
  }

  async #describe(): Promise<RtspResponse> {
    for (;;) {
      let response: RtspResponse;
      try {
        response = await this.connection.request('DESCRIBE', this.#url, {
          ...this.#headers,
          Accept: 'application/sdp',
        });
      } catch (error) {
        // Some cameras close the connection with their 401 instead of waiting for the answer to it.
        if (!this.#challenged() || this.#connections >= 2) throw error;
        this.connection = this.#connect(this.place);
        continue;
      }
      if (response.status < 300 || response.status > 399) return response;
      this.#redirect(response);
    }
  }

  #challenged(): boolean {
    return this.connection.closed && this.#auth !== null && this.#auth.challenged;
  }

  #redirect(response: RtspResponse): void {
    const location = response.headers.get('location')?.trim() ?? '';
    const place = placeOfUrl(this.place.title, location);
    const safe = place !== null && place.host === this.place.host && (place.tls || !this.place.tls);
    if (!safe || this.#connections >= maxConnections) {
      throw failure(
        this.place,
        'camera_error',
        `wants to send Porchlight to another address (${clean(withoutUser(location))}), which it does not follow by itself. If that is right, enter that address.`,
      );
    }
    this.#url = withoutUser(location);
    this.#replaced = true;
    this.connection.fail(new Error('Redirected.'));
    Object.assign(this.place, place);
    this.connection = this.#connect(place);
  }

  #connect(place: CameraPlace): RtspConnection {
    this.#connections++;
    this.#replaced = false;
    return new RtspConnection({ ...place, trust: this.#trust }, this.#auth, this.#timeouts, {
      onPacket: (channel, buffer, start, end) => {
        this.#events.onPacket(channel, buffer, start, end);
      },
      onResync: () => {
        this.#events.onResync();
      },
      onClose: (error) => {
        if (!this.#replaced) this.#events.onClose(error);
      },
    });
  }

  /** A control URL given whole stands for itself; a relative one hangs on the session's. */
  #trackBase(control: string | null): string {
    return control === null || control === '*' ? this.#aggregate : this.#base;
  }

  #noteMethods(response: RtspResponse): void {
    const methods = response.headers.get('public');
    if (methods !== null) this.#getParameter = /\bGET_PARAMETER\b/i.test(methods);
  }

  #refused(response: RtspResponse): Error {
    return statusFailure(this.place, response, this.#target.username !== null);
  }
}

function withoutUser(url: string): string {
  return url.replace(/^(rtsps?:\/\/)[^/?#]*@/i, '$1');
}
