/**
 * The calls of the Event service (ONVIF Core 9, WS-BaseNotification 1.3): making, renewing and ending subscriptions and
 * pulling their messages. Holds no state but the way of naming a duration that the camera took.
 */
import { HubError } from '#core/base/errors.ts';
import { grantedMs } from './events-notices.ts';
import type { OnvifConnection, SoapRequest, XmlElement } from './soap-port.ts';
import { at, child, escapeXml } from './tree.ts';
import { writeXml } from './xml.ts';

export interface Subscription {
  to: SoapRequest['to'];
  /** From the answer on. */
  grantedMs: number;
}

/** How long a subscription is asked for. Short: one that was lost with its camera does not hold a place there for long. */
const askedMs = 60_000;
const callMs = 8_000;

const events = 'http://www.onvif.org/ver10/events/wsdl';
const notification = 'http://docs.oasis-open.org/wsn/bw-2';

type Words = 'relative' | 'absolute' | 'none';

export class EventCalls {
  readonly #connection: OnvifConnection;
  readonly #nowMs: () => number;
  readonly #signal: AbortSignal;
  #words: Words = 'relative';

  constructor(connection: OnvifConnection, nowMs: () => number, signal: AbortSignal) {
    this.#connection = connection;
    this.#nowMs = nowMs;
    this.#signal = signal;
  }

  async createPullPoint(): Promise<Subscription> {
    return await this.#subscribe(
      `${events}/EventPortType/CreatePullPointSubscriptionRequest`,
      (end) => `<tev:CreatePullPointSubscription>${wrapped('tev', end)}</tev:CreatePullPointSubscription>`,
    );
  }

  /** Base notification: the camera is to call `consumer`. */
  async subscribe(consumer: string): Promise<Subscription> {
    const reference = `<wsnt:ConsumerReference><wsa:Address>${escapeXml(consumer)}</wsa:Address></wsnt:ConsumerReference>`;
    return await this.#subscribe(
      `${notification}/NotificationProducer/SubscribeRequest`,
      (end) => `<wsnt:Subscribe>${reference}${wrapped('wsnt', end)}</wsnt:Subscribe>`,
    );
  }

  /** Waits at the camera up to `waitMs` for the first message. */
  async pull({ to }: Subscription, waitMs: number, limit: number): Promise<XmlElement> {
    const seconds = Math.max(1, Math.round(waitMs / 1_000));
    return await this.#call(
      to,
      `${events}/PullPointSubscription/PullMessagesRequest`,
      `<tev:PullMessages><tev:Timeout>PT${seconds}S</tev:Timeout><tev:MessageLimit>${limit}</tev:MessageLimit></tev:PullMessages>`,
      waitMs + callMs,
    );
  }

  /** What it was granted anew. */
  async renew({ to }: Subscription): Promise<number> {
    const end = this.#end() ?? 'PT60S';
    const answer = await this.#call(
      to,
      `${notification}/SubscriptionManager/RenewRequest`,
      `<wsnt:Renew><wsnt:TerminationTime>${end}</wsnt:TerminationTime></wsnt:Renew>`,
    );
    return grantedMs(answer) ?? askedMs;
  }

  /** Not bound to the watch's end: it is what is done at the end. */
  async unsubscribe({ to }: Subscription, timeoutMs: number): Promise<void> {
    await this.#connection.call({
      to,
      action: `${notification}/SubscriptionManager/UnsubscribeRequest`,
      body: '<wsnt:Unsubscribe/>',
      addressing: true,
      timeoutMs,
    });
  }

  /** Makers take a duration, a point in time, or neither; the way that worked is kept for renewals. */
  async #subscribe(action: string, body: (end: string | null) => string): Promise<Subscription> {
    const ways: Words[] = ['relative', 'absolute', 'none'];
    for (const way of ways) {
      this.#words = way;
      try {
        return this.#subscriptionIn(await this.#call('events', action, body(this.#end())));
      } catch (error) {
        const objects = error instanceof HubError && error.code === 'camera_error';
        if (!objects || way === 'none') throw error;
      }
    }
    throw new HubError('camera_error', 'The camera took no subscription to its events.');
  }

  #end(): string | null {
    if (this.#words === 'none') return null;
    if (this.#words === 'relative') return `PT${askedMs / 1_000}S`;
    return new Date(this.#nowMs() + this.#connection.clockOffsetMs + askedMs).toISOString().replace(/\.\d+Z$/, 'Z');
  }

  #subscriptionIn(answer: XmlElement): Subscription {
    // Some leave the reference out around its address.
    const reference = child(answer, 'SubscriptionReference') ?? answer;
    const url = at(reference, 'Address')?.text.trim() ?? '';
    const parameters = [child(reference, 'ReferenceParameters'), child(reference, 'ReferenceProperties')]
      .flatMap((parent) => parent?.children ?? [])
      .slice(0, 16)
      .map((element) => writeXml(element))
      .join('');
    const granted = grantedMs(answer) ?? askedMs;
    // Without an address that may be used, the service itself manages its subscriptions.
    const own = url === '' ? null : this.#connection.allowed(url, 'service');
    if (own === null && parameters === '') return { to: 'events', grantedMs: granted };
    if (own === null) throw new HubError('camera_bad_description', 'The camera named no address for its subscription.');
    return { to: { url, ...(parameters === '' ? {} : { referenceParameters: parameters }) }, grantedMs: granted };
  }

  async #call(to: SoapRequest['to'], action: string, body: string, timeoutMs = callMs): Promise<XmlElement> {
    return await this.#connection.call({ to, action, body, addressing: true, timeoutMs, signal: this.#signal });
  }
}

const wrapped = (prefix: string, end: string | null): string =>
  end === null ? '' : `<${prefix}:InitialTerminationTime>${end}</${prefix}:InitialTerminationTime>`;
