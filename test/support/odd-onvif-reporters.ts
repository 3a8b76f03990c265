/** Makers whose cameras report by themselves: subscriptions at other ports, calls instead of pull points. */
import { information, media1, said, services, streams, timeOf } from './odd-onvif-answers.ts';
import type { Maker, OddDevice, Question, Reply } from './odd-onvif-device.ts';
import { x, type El } from './odd-xml.ts';

const notice = (topic: string, operation: string, source: Record<string, string>, data: Record<string, string>): El => {
  const items = (name: string, values: Record<string, string>): El =>
    x(
      `tt:${name}`,
      Object.entries(values).map(([Name, Value]) => x('tt:SimpleItem', { Value, Name })),
    );
  return x(
    'wsnt:NotificationMessage',
    x('wsnt:Topic', { Dialect: 'http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet' }, topic),
    x('wsnt:ProducerReference', x('wsa:Address', 'uri://1d3a/ProducerReference')),
    x(
      'wsnt:Message',
      x(
        'tt:Message',
        { UtcTime: new Date().toISOString(), PropertyOperation: operation },
        items('Source', source),
        items('Data', data),
      ),
    ),
  );
};
export const people = (operation: string, on: boolean): El =>
  notice(
    'tns1:RuleEngine/PeopleDetector/People',
    operation,
    { VideoSource: 'src0', Rule: 'MyPeopleDetector' },
    { IsPeople: String(on) },
  );
export const motion = (operation: string, on: boolean): El =>
  notice(
    'tns1:RuleEngine/CellMotionDetector/Motion',
    operation,
    { Rule: 'MyMotionDetectorRule' },
    { IsMotion: String(on) },
  );

const inAMinute = (device: OddDevice): El[] => [
  x('wsnt:CurrentTime', new Date(device.nowMs()).toISOString()),
  x('wsnt:TerminationTime', new Date(device.nowMs() + 60_000).toISOString()),
];

/** A doorbell: subscriptions at another port with parameters that must come back, pulls that return at once. */
export const doorbell: Maker = {
  path: '/onvif/service',
  dress: { version: '1.2', prefixes: { s: 'SOAP-ENV', tt: 'tns', wsnt: 'n', tev: 'e', tns1: 'tt' } },
  guard: 'wsse',
  faultStatus: 400,
  answers: (device) => ({
    GetSystemDateAndTime: () => timeOf(device.nowMs()),
    GetServices: services({
      tds: 'http://192.168.1.60:2020/onvif/service',
      trt: 'http://192.168.1.60:2020/onvif/service',
      tev: 'http://192.168.1.60:2020/onvif/service',
    }),
    GetDeviceInformation: information('tp-link', 'Tapo C210'),
    ...media1(device, streams),
    CreatePullPointSubscription: x(
      'tev:CreatePullPointSubscriptionResponse',
      x(
        'tev:SubscriptionReference',
        x('wsa:Address', `http://192.168.1.60:${device.otherPort}/event-1024_1024`),
        x('wsa:ReferenceParameters', x('maker:SubscriptionId', { 'xml:lang': 'en' }, '77')),
      ),
      inAMinute(device),
    ),
    PullMessages: (question) => pulled(device, question),
    Renew: x('wsnt:RenewResponse', inAMinute(device)),
    Unsubscribe: x('wsnt:UnsubscribeResponse'),
  }),
};

function pulled(device: OddDevice, { message, port }: Question): Reply {
  if (port !== device.otherPort || said(message, 'SubscriptionId') !== '77') return { fault: 'ResourceUnknownFault' };
  return x(
    'tev:PullMessagesResponse',
    inAMinute(device).map((each) => ({ ...each, name: each.name.replace('wsnt', 'tev') })),
    device.notices.splice(0),
  );
}

/** No pull points: it calls back, and wants a point in time instead of a duration. */
export const caller: Maker = {
  ...doorbell,
  path: '/onvif/device_service',
  dress: { version: '1.2', many: true },
  guard: 'none',
  answers: (device) => ({
    ...doorbell.answers(device),
    GetServices: services({ trt: '/onvif/media', tev: '/onvif/event_service' }),
    CreatePullPointSubscription: { fault: 'ActionNotSupported', status: 500 },
    Subscribe: ({ message }) => {
      if (said(message, 'InitialTerminationTime').startsWith('P'))
        return { fault: 'UnacceptableInitialTerminationTimeFault' };
      device.consumer = said(message.slice(message.indexOf('ConsumerReference')), 'Address');
      return x(
        'wsnt:SubscribeResponse',
        x('wsnt:SubscriptionReference', x('wsa:Address', `http://10.1.1.1:${device.port}/sub/3`)),
        inAMinute(device),
      );
    },
  }),
};

export const notify = (notices: readonly El[]): El => x('wsnt:Notify', notices);
