/**
 * A camera's Event service by script: what it answers is set by the test, what it was asked is counted. Long polls are held
 * on the test's own time. It stands on the specifications alone and shares no code with the virtual camera.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ManualTiming } from './manual-timing.ts';

export type Asked =
  | 'GetSystemDateAndTime'
  | 'GetServices'
  | 'CreatePullPointSubscription'
  | 'PullMessages'
  | 'Renew'
  | 'Unsubscribe'
  | 'Subscribe'
  | 'other';

export interface NoticeScript {
  topic: string;
  source?: Record<string, string>;
  data?: Record<string, string>;
  operation?: 'Initialized' | 'Changed' | 'Deleted' | null;
  utcMs?: number;
}

/** A SOAP fault, an HTTP status with nothing, a connection that is cut, or the usual answer. */
export type Behaviour = 'ok' | 'cut' | { fault: string; reason?: string } | { status: number };

export class ScriptedEventsCamera {
  readonly asked = new Map<Asked, number>();
  readonly bodies: { kind: Asked; body: string; path: string }[] = [];
  /** What each kind of question is answered with; `ok` where nothing is set. */
  behaviour: Partial<Record<Asked, Behaviour>> = {};
  /** Holds pulls for as long as they ask; false: answers at once (F22). */
  longPoll = true;
  /** Prefixes: with `odd`, none of the usual ones. */
  odd = false;
  grantedMs = 60_000;
  /** What the subscription manager is called; `{port}` is replaced. */
  manager = 'http://127.0.0.1:{port}/onvif/subscription/1';
  parameters = '';
  services = true;
  /** Long polls that are held at present. */
  held = 0;
  consumer: string | null = null;
  readonly #timing: ManualTiming;
  readonly #server: Server;
  #queue: NoticeScript[] = [];
  #release: (() => void) | null = null;
  #port = 0;
  #handling = 0;

  constructor(timing: ManualTiming) {
    this.#timing = timing;
    this.#server = createServer((request, response) => {
      this.#handling++;
      void this.#answer(request, response).finally(() => this.#handling--);
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/onvif/device_service`;
  }

  /** Requests that are neither answered nor held. */
  get busy(): boolean {
    return this.#handling > this.held;
  }

  count(kind: Asked): number {
    return this.asked.get(kind) ?? 0;
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** The camera is gone: connections are cut and refused. */
  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#release?.();
    this.#server.closeAllConnections();
    await closed;
  }

  /** Sends at the next pull, or at once to the one that waits. */
  say(...notices: NoticeScript[]): void {
    this.#queue.push(...notices);
    this.#release?.();
  }

  /** A wsnt:Notify as a camera posts it. */
  notify(...notices: NoticeScript[]): string {
    return this.envelope(`<wsnt:Notify>${notices.map((one) => this.#notice(one)).join('')}</wsnt:Notify>`);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    const body = Buffer.concat(parts).toString();
    const kind = kindOf(body);
    this.asked.set(kind, this.count(kind) + 1);
    this.bodies.push({ kind, body, path: request.url ?? '' });
    const behaviour = this.behaviour[kind] ?? 'ok';
    if (behaviour === 'cut') {
      request.socket.destroy();
      return;
    }
    if (typeof behaviour === 'object' && 'status' in behaviour) {
      response.writeHead(behaviour.status).end();
      return;
    }
    if (typeof behaviour === 'object') {
      const text = fault(behaviour.fault, behaviour.reason ?? 'no');
      response.writeHead(500, { 'content-type': 'application/soap+xml' }).end(this.envelope(text));
      return;
    }
    const answer = kind === 'PullMessages' ? await this.#pull(body) : this.#usual(kind, body);
    if (!response.destroyed)
      response.writeHead(200, { 'content-type': 'application/soap+xml' }).end(this.envelope(answer));
  }

  async #pull(body: string): Promise<string> {
    const seconds = Number(/Timeout>PT(\d+)S/.exec(body)?.[1] ?? 1);
    if (this.#queue.length === 0 && this.longPoll) {
      this.held++;
      await new Promise<void>((resolve) => {
        const cancel = this.#timing.alarm(seconds * 1_000, resolve);
        this.#release = () => {
          cancel();
          resolve();
        };
      });
      this.held--;
      this.#release = null;
    }
    const notices = this.#queue.splice(0);
    const times = `<tev:CurrentTime>${this.#iso(0)}</tev:CurrentTime><tev:TerminationTime>${this.#iso(1_000)}</tev:TerminationTime>`;
    return `<tev:PullMessagesResponse>${times}${notices.map((one) => this.#notice(one)).join('')}</tev:PullMessagesResponse>`;
  }

  #usual(kind: Asked, body: string): string {
    switch (kind) {
      case 'GetSystemDateAndTime':
        return dateAndTime(this.#timing.clock.nowMs());
      case 'GetServices':
        return services(this.#port, this.services);
      case 'CreatePullPointSubscription':
        return `<tev:CreatePullPointSubscriptionResponse>${this.#subscription()}</tev:CreatePullPointSubscriptionResponse>`;
      case 'Subscribe':
        this.consumer = /ConsumerReference>\s*<[\w-]+:Address>([^<]+)</.exec(body)?.[1] ?? null;
        return `<wsnt:SubscribeResponse>${this.#subscription()}</wsnt:SubscribeResponse>`;
      case 'Renew':
        return `<wsnt:RenewResponse>${this.#times()}</wsnt:RenewResponse>`;
      case 'Unsubscribe':
        return '<wsnt:UnsubscribeResponse/>';
      case 'PullMessages':
      case 'other':
        return fault('ter:ActionNotSupported', 'unknown');
    }
  }

  #subscription(): string {
    const address = this.manager.replaceAll('{port}', String(this.#port));
    const parameters =
      this.parameters === '' ? '' : `<wsa:ReferenceParameters>${this.parameters}</wsa:ReferenceParameters>`;
    const reference = `<wsa:Address>${address}</wsa:Address>${parameters}`;
    return `<tev:SubscriptionReference>${reference}</tev:SubscriptionReference>${this.#times()}`;
  }

  #times(): string {
    return `<wsnt:CurrentTime>${this.#iso(0)}</wsnt:CurrentTime><wsnt:TerminationTime>${this.#iso(this.grantedMs)}</wsnt:TerminationTime>`;
  }

  #iso(afterMs: number): string {
    return new Date(this.#timing.clock.nowMs() + afterMs).toISOString();
  }

  #notice({ topic, source = {}, data = {}, operation = 'Changed', utcMs }: NoticeScript): string {
    const items = (all: Record<string, string>): string =>
      Object.entries(all)
        .map(([name, value]) => `<tt:SimpleItem Name="${name}" Value="${value}"/>`)
        .join('');
    const time = new Date(utcMs ?? this.#timing.clock.nowMs()).toISOString();
    const attributes = `UtcTime="${time}"${operation === null ? '' : ` PropertyOperation="${operation}"`}`;
    const message = `<tt:Message ${attributes}><tt:Source>${items(source)}</tt:Source><tt:Data>${items(data)}</tt:Data></tt:Message>`;
    const dialect = 'Dialect="http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet"';
    return `<wsnt:NotificationMessage><wsnt:Topic ${dialect}>${topic}</wsnt:Topic><wsnt:Message>${message}</wsnt:Message></wsnt:NotificationMessage>`;
  }

  envelope(body: string): string {
    const text = `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"
      xmlns:tev="http://www.onvif.org/ver10/events/wsdl" xmlns:wsnt="http://docs.oasis-open.org/wsn/b-2"
      xmlns:tt="http://www.onvif.org/ver10/schema" xmlns:wsa="http://www.w3.org/2005/08/addressing"
      xmlns:tds="http://www.onvif.org/ver10/device/wsdl" xmlns:ter="http://www.onvif.org/ver10/error"
      xmlns:tns1="http://www.onvif.org/ver10/topics"><s:Body>${body}</s:Body></s:Envelope>`;
    if (!this.odd) return text;
    return text.replaceAll(
      /\b(s|tev|wsnt|tt|wsa|tds|ter)(?=[:=][\w"])/g,
      (prefix) => `ns-${prefix.length}-${prefix}_x`,
    );
  }
}

const kinds: readonly Asked[] = [
  'GetSystemDateAndTime',
  'GetServices',
  'CreatePullPointSubscription',
  'PullMessages',
  'Renew',
  'Unsubscribe',
  'Subscribe',
];

function kindOf(body: string): Asked {
  const inside = body.slice(body.search(/<[\w-]+:Body[\s>]/));
  return kinds.find((kind) => new RegExp(`<(?:[\\w-]+:)?${kind}[\\s/>]`).test(inside)) ?? 'other';
}

function fault(code: string, reason: string): string {
  return `<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>${code}</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang="en">${reason}</s:Text></s:Reason></s:Fault>`;
}

function services(port: number, events: boolean): string {
  const service = (namespace: string, path: string): string =>
    `<tds:Service><tds:Namespace>${namespace}</tds:Namespace><tds:XAddr>http://127.0.0.1:${port}${path}</tds:XAddr><tds:Version><tt:Major>2</tt:Major><tt:Minor>5</tt:Minor></tds:Version></tds:Service>`;
  return `<tds:GetServicesResponse>${service('http://www.onvif.org/ver10/device/wsdl', '/onvif/device_service')}${service(
    'http://www.onvif.org/ver10/media/wsdl',
    '/onvif/media',
  )}${events ? service('http://www.onvif.org/ver10/events/wsdl', '/onvif/events') : ''}</tds:GetServicesResponse>`;
}

function dateAndTime(ms: number): string {
  const date = new Date(ms);
  const time = `<tt:Time><tt:Hour>${date.getUTCHours()}</tt:Hour><tt:Minute>${date.getUTCMinutes()}</tt:Minute><tt:Second>${date.getUTCSeconds()}</tt:Second></tt:Time>`;
  const day = `<tt:Date><tt:Year>${date.getUTCFullYear()}</tt:Year><tt:Month>${date.getUTCMonth() + 1}</tt:Month><tt:Day>${date.getUTCDate()}</tt:Day></tt:Date>`;
  return `<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>Manual</tt:DateTimeType><tt:UTCDateTime>${time}${day}</tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>`;
}
