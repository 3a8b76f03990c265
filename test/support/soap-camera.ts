/**
 * A camera's SOAP side that answers what a test tells it, over a real socket on 127.0.0.1. Knows nothing of Porchlight's
 * client; each maker's style (prefixes, SOAP version) is a parameter.
 */
import http from 'node:http';

export interface SoapQuestion {
  /** Local name of the first element inside the body. */
  operation: string;
  /** The whole message. */
  message: string;
  path: string;
  atMs: number;
}
/** XML for inside the body; a fault; an HTTP status; or nothing at all, the socket stays open. */
export type SoapReply = string | { fault: string; reason?: string } | { status: number } | { silence: true };
export type SoapScript = Record<string, SoapReply | ((question: SoapQuestion) => SoapReply | Promise<SoapReply>)>;

export interface SoapStyle {
  /** Prefix of the envelope: 's', 'SOAP-ENV', 'env'. */
  prefix: string;
  /** 1.1 cameras exist. */
  version: '1.2' | '1.1';
}

export interface SoapCamera {
  url: string;
  port: number;
  questions: SoapQuestion[];
  /** How often it was asked. */
  count: (operation: string) => number;
  /** The message of the last such question; throws if there was none. */
  last: (operation: string) => string;
  script: SoapScript;
  stop: () => Promise<void>;
}

const envelopes = {
  '1.2': 'http://www.w3.org/2003/05/soap-envelope',
  '1.1': 'http://schemas.xmlsoap.org/soap/envelope/',
} as const;
const prefixes = [
  'xmlns:tt="http://www.onvif.org/ver10/schema"',
  'xmlns:tds="http://www.onvif.org/ver10/device/wsdl"',
  'xmlns:trt="http://www.onvif.org/ver10/media/wsdl"',
  'xmlns:tr2="http://www.onvif.org/ver20/media/wsdl"',
  'xmlns:tptz="http://www.onvif.org/ver20/ptz/wsdl"',
  'xmlns:timg="http://www.onvif.org/ver20/imaging/wsdl"',
  'xmlns:ter="http://www.onvif.org/ver10/error"',
].join(' ');
const namespaces: Record<string, string> = {
  device: 'http://www.onvif.org/ver10/device/wsdl',
  media1: 'http://www.onvif.org/ver10/media/wsdl',
  media2: 'http://www.onvif.org/ver20/media/wsdl',
  ptz: 'http://www.onvif.org/ver20/ptz/wsdl',
  imaging: 'http://www.onvif.org/ver20/imaging/wsdl',
  deviceio: 'http://www.onvif.org/ver10/deviceIO/wsdl',
};

/** `services`: which it offers besides the device service. */
export async function startSoapCamera(
  services: readonly string[],
  script: SoapScript,
  style: SoapStyle = { prefix: 'SOAP-ENV', version: '1.2' },
): Promise<SoapCamera> {
  const questions: SoapQuestion[] = [];
  const { prefix } = style;
  const wrap = (inner: string): string =>
    `<?xml version="1.0" encoding="UTF-8"?>\n<${prefix}:Envelope xmlns:${prefix}="${envelopes[style.version]}" ${prefixes}>` +
    `<${prefix}:Header/><${prefix}:Body>${inner}</${prefix}:Body></${prefix}:Envelope>`;
  const fault = (code: string, reason: string): string =>
    style.version === '1.1'
      ? wrap(
          `<${prefix}:Fault><faultcode>ter:${code}</faultcode><faultstring>${reason}</faultstring></${prefix}:Fault>`,
        )
      : wrap(
          `<${prefix}:Fault><${prefix}:Code><${prefix}:Value>${prefix}:Sender</${prefix}:Value><${prefix}:Subcode>` +
            `<${prefix}:Value>ter:${code}</${prefix}:Value></${prefix}:Subcode></${prefix}:Code>` +
            `<${prefix}:Reason><${prefix}:Text xml:lang="en">${reason}</${prefix}:Text></${prefix}:Reason></${prefix}:Fault>`,
        );
  const camera: SoapCamera = {
    url: '',
    port: 0,
    questions,
    count: (operation) => questions.filter((question) => question.operation === operation).length,
    last: (operation) => {
      const found = questions.findLast((question) => question.operation === operation);
      if (!found) throw new Error(`the camera was never asked ${operation}`);
      return found.message;
    },
    script: {
      GetSystemDateAndTime: () => systemTime(Date.now()),
      GetServices: () =>
        `<tds:GetServicesResponse>${['device', ...services]
          .map(
            (name) =>
              `<tds:Service><tds:Namespace>${namespaces[name] ?? name}</tds:Namespace><tds:XAddr>${camera.url.replace('device', name)}</tds:XAddr></tds:Service>`,
          )
          .join('')}</tds:GetServicesResponse>`,
      ...script,
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  const answer = async (request: http.IncomingMessage, response: http.ServerResponse): Promise<void> => {
    let message = '';
    for await (const chunk of request) message += String(chunk);
    const operation = /Body[^>]*>\s*<(?:[\w-]+:)?(\w+)/.exec(message)?.[1] ?? request.url ?? '';
    const question = { operation, message, path: request.url ?? '', atMs: performance.now() };
    questions.push(question);
    const entry = camera.script[operation];
    const reply = typeof entry === 'function' ? await entry(question) : entry;
    if (typeof reply === 'object' && 'silence' in reply) return;
    if (typeof reply === 'object' && 'status' in reply) {
      response.writeHead(reply.status).end();
      return;
    }
    const said = reply ?? { fault: 'ActionNotSupported' };
    const text = typeof said === 'string' ? wrap(said) : fault(said.fault, said.reason ?? said.fault);
    const status = typeof said === 'string' ? 200 : 400;
    response.writeHead(status, { 'Content-Type': 'application/soap+xml; charset=utf-8' }).end(text);
  };
  const server = http.createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  camera.port = address.port;
  camera.url = `http://127.0.0.1:${address.port}/onvif/device_service`;
  return camera;
}

/** The answer to GetSystemDateAndTime. */
export function systemTime(ms: number, type = 'Manual', zone = 'CET-1CEST,M3.5.0,M10.5.0/3'): string {
  const time = new Date(ms);
  return (
    `<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>${type}</tt:DateTimeType>` +
    `<tt:DaylightSavings>true</tt:DaylightSavings><tt:TimeZone><tt:TZ>${zone}</tt:TZ></tt:TimeZone><tt:UTCDateTime><tt:Time>` +
    `<tt:Hour>${time.getUTCHours()}</tt:Hour><tt:Minute>${time.getUTCMinutes()}</tt:Minute><tt:Second>${time.getUTCSeconds()}</tt:Second>` +
    `</tt:Time><tt:Date><tt:Year>${time.getUTCFullYear()}</tt:Year><tt:Month>${time.getUTCMonth() + 1}</tt:Month>` +
    `<tt:Day>${time.getUTCDate()}</tt:Day></tt:Date></tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>`
  );
}
