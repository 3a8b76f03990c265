/** The event service (ONVIF Core, chapter 9): pull points with a real long poll, base notifications, their managers. */
import { serviceCapabilities } from './capabilities.ts';
import type { Call, Handler, Service } from './call.ts';
import { topics, type CameraEvent, type Subscription } from './event-broker.ts';
import {
  child,
  durationMs,
  invalidArgument,
  Markup,
  notSupported,
  nothing,
  SoapFault,
  textOf,
  xml,
  type Xml,
} from './soap.ts';
import { cameraMs, servicePaths } from './world.ts';

const concreteDialect = 'http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet';
const defaultLastsMs = 60_000;
const maxLastsMs = 3_600_000;
const maxPullMs = 60_000;
const maxMessages = 100;

const isoTime = (ms: number): string => new Date(ms).toISOString();

/** The duration or absolute time asked for, as ms from now on the camera's clock. */
function lastsMs(call: Call, text: string | undefined): number {
  if (text === undefined || text === '') return defaultLastsMs;
  const ms = durationMs(text) ?? Date.parse(text) - cameraMs(call.world);
  if (!(ms > 0))
    throw new SoapFault(
      'Sender',
      ['ter:InvalidArgVal', 'wsnt:UnacceptableInitialTerminationTime'],
      'That end is in the past',
    );
  return Math.min(ms, maxLastsMs);
}

/** Topic filter: `a/b/c`, `a//.`, joined by `|`. Without one, everything. */
function filterOf(element: Xml | undefined): (topic: string) => boolean {
  const expression = textOf(element, 'wsnt:TopicExpression');
  if (expression === undefined || expression === '') return () => true;
  const local = (topic: string): string => topic.trim().replaceAll(/(^|\/)[\w-]+:/g, '$1');
  const wanted = expression.split('|').map(local);
  return (topic) =>
    wanted.some((one) => {
      const name = local(topic);
      return one.endsWith('//.') ? name === one.slice(0, -3) || name.startsWith(`${one.slice(0, -3)}/`) : name === one;
    });
}

function subscribed(
  call: Call,
  subscription: Subscription | null,
  lasts: number,
): { reference: Markup; times: Markup } {
  if (!subscription)
    throw new SoapFault('Receiver', ['ter:Action', 'ter:TooManySubscriptions'], 'There are too many subscriptions');
  const now = cameraMs(call.world);
  const { base } = call.reach;
  const reference = call.world.events.faults.referenceParameters
    ? xml`<wsa:Address>${base}${servicePaths.events}</wsa:Address><wsa:ReferenceParameters><tev:SubscriptionId>${subscription.id}</tev:SubscriptionId></wsa:ReferenceParameters>`
    : xml`<wsa:Address>${base}/onvif/subscription/${subscription.id}</wsa:Address>`;
  const times = xml`<wsnt:CurrentTime>${isoTime(now)}</wsnt:CurrentTime><wsnt:TerminationTime>${isoTime(now + lasts)}</wsnt:TerminationTime>`;
  return { reference, times };
}

const createPullPoint: Handler = (call) => {
  const { events } = call.world;
  if (events.faults.noPullPoint) throw notSupported('CreatePullPointSubscription');
  const lasts = lastsMs(call, textOf(call.body, 'tev:InitialTerminationTime'));
  const subscription = events.subscribe(null, lasts, filterOf(child(call.body, 'tev:Filter')));
  const { reference, times } = subscribed(call, subscription, lasts);
  return xml`<tev:SubscriptionReference>${reference}</tev:SubscriptionReference>${times}`;
};

const subscribe: Handler = (call) => {
  const address = textOf(call.body, 'wsnt:ConsumerReference', 'wsa:Address') ?? '';
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address))
    throw invalidArgument('InvalidConsumer', 'The consumer has no address');
  const lasts = lastsMs(call, textOf(call.body, 'wsnt:InitialTerminationTime'));
  const subscription = call.world.events.subscribe(address, lasts, filterOf(child(call.body, 'wsnt:Filter')));
  const { reference, times } = subscribed(call, subscription, lasts);
  return xml`<wsnt:SubscriptionReference>${reference}</wsnt:SubscriptionReference>${times}`;
};

/** Throws for subscriptions that are over or never were. */
function current(call: Call): Subscription {
  const found = call.subscriptionId === null ? null : call.world.events.find(call.subscriptionId);
  if (!found) throw new SoapFault('Sender', ['wsrf:ResourceUnknownFault'], 'There is no such subscription');
  return found;
}

export function notification(event: CameraEvent): Markup {
  const items = (list: CameraEvent['data']): Markup[] =>
    list.map(([name, value]) => xml`<tt:SimpleItem Name="${name}" Value="${value}"/>`);
  const operation = event.operation === null ? nothing : new Markup(` PropertyOperation="${event.operation}"`);
  return xml`<wsnt:NotificationMessage><wsnt:Topic Dialect="${concreteDialect}">${event.topic}</wsnt:Topic>
    <wsnt:Message><tt:Message UtcTime="${isoTime(event.timeMs)}"${operation}><tt:Source>${items(event.source)}</tt:Source>
    <tt:Data>${items(event.data)}</tt:Data></tt:Message></wsnt:Message></wsnt:NotificationMessage>`;
}

const pullMessages: Handler = async (call) => {
  const subscription = current(call);
  if (subscription.consumer !== null) throw notSupported('PullMessages of a base subscription');
  const waitMs = durationMs(textOf(call.body, 'tev:Timeout'));
  const limit = Number(textOf(call.body, 'tev:MessageLimit'));
  if (waitMs === undefined || !(limit >= 1)) throw invalidArgument('PullMessages', 'Timeout or MessageLimit is wrong');
  const events = await call.world.events.pull(
    subscription,
    Math.min(limit, maxMessages),
    Math.min(waitMs, maxPullMs),
    call.signal,
  );
  const now = cameraMs(call.world);
  const left = subscription.endsMs - call.world.clock.monoMs();
  return xml`<tev:CurrentTime>${isoTime(now)}</tev:CurrentTime><tev:TerminationTime>${isoTime(now + left)}</tev:TerminationTime>${events.map(notification)}`;
};

const renew: Handler = (call) => {
  const subscription = current(call);
  const lasts = lastsMs(call, textOf(call.body, 'wsnt:TerminationTime'));
  call.world.events.renew(subscription, lasts);
  const now = cameraMs(call.world);
  return xml`<wsnt:TerminationTime>${isoTime(now + lasts)}</wsnt:TerminationTime><wsnt:CurrentTime>${isoTime(now)}</wsnt:CurrentTime>`;
};

interface Branch {
  inside: Map<string, Branch>;
  message: Markup | null;
}

/** The topic tree with each topic's message description. */
function topicSet(): Markup {
  const root: Branch = { inside: new Map(), message: null };
  for (const topic of Object.values(topics).flat()) {
    let at = root;
    for (const name of topic.topic.split('/')) {
      const next = at.inside.get(name) ?? { inside: new Map<string, Branch>(), message: null };
      at.inside.set(name, next);
      at = next;
    }
    const source = topic.source.map(
      ([name]) => xml`<tt:SimpleItemDescription Name="${name}" Type="tt:ReferenceToken"/>`,
    );
    const type = topic.property ? 'xs:boolean' : 'xs:integer';
    at.message = xml`<tt:MessageDescription IsProperty="${topic.property}"><tt:Source>${source}</tt:Source>
      <tt:Data><tt:SimpleItemDescription Name="${topic.data}" Type="${type}"/></tt:Data></tt:MessageDescription>`;
  }
  const write = ({ inside, message }: Branch): Markup =>
    new Markup(
      (message?.text ?? '') +
        [...inside]
          .map(
            ([name, branch]) =>
              `<${name}${branch.message ? ' wstop:topic="true"' : ''}>${write(branch).text}</${name}>`,
          )
          .join(''),
    );
  return write(root);
}

export const events: Service = {
  GetServiceCapabilities: ({ world }) => serviceCapabilities('events', world),
  GetEventProperties: () =>
    xml`<tev:TopicNamespaceLocation>http://www.onvif.org/onvif/ver10/topics/topicns.xml</tev:TopicNamespaceLocation>
      <wsnt:FixedTopicSet>true</wsnt:FixedTopicSet><wstop:TopicSet>${topicSet()}</wstop:TopicSet>
      <wsnt:TopicExpressionDialect>${concreteDialect}</wsnt:TopicExpressionDialect>
      <wsnt:TopicExpressionDialect>http://docs.oasis-open.org/wsn/t-1/TopicExpression/Concrete</wsnt:TopicExpressionDialect>
      <tev:MessageContentFilterDialect>http://www.onvif.org/ver10/tev/messageContentFilter/ItemFilter</tev:MessageContentFilterDialect>
      <tev:MessageContentSchemaLocation>http://www.onvif.org/onvif/ver10/schema/onvif.xsd</tev:MessageContentSchemaLocation>`,
  CreatePullPointSubscription: createPullPoint,
};

/** What a subscription's own address answers, tev: and wsnt: alike; with reference parameters it is the service's address. */
export const subscriptionManager: { tev: Service; wsnt: Service } = {
  tev: {
    PullMessages: pullMessages,
    SetSynchronizationPoint: (call) => {
      call.world.events.synchronise(current(call));
      return nothing;
    },
  },
  wsnt: {
    Renew: renew,
    Unsubscribe: (call) => {
      call.world.events.unsubscribe(current(call).id);
      return nothing;
    },
    Subscribe: subscribe,
  },
};
