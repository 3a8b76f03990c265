/**
 * SOAP as the virtual camera speaks it: requests read strictly by namespace, answers and faults written as text.
 * Invariant: a request is bounded in depth and size, has no document type, and every text that is written is escaped.
 */
import { SaxesParser } from 'saxes';

export const namespaces = {
  s: 'http://www.w3.org/2003/05/soap-envelope',
  wsa: 'http://www.w3.org/2005/08/addressing',
  wsnt: 'http://docs.oasis-open.org/wsn/b-2',
  wstop: 'http://docs.oasis-open.org/wsn/t-1',
  wsrf: 'http://docs.oasis-open.org/wsrf/r-2',
  wsbf: 'http://docs.oasis-open.org/wsrf/bf-2',
  wsse: 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd',
  wsu: 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd',
  xs: 'http://www.w3.org/2001/XMLSchema',
  xsi: 'http://www.w3.org/2001/XMLSchema-instance',
  ter: 'http://www.onvif.org/ver10/error',
  tt: 'http://www.onvif.org/ver10/schema',
  tds: 'http://www.onvif.org/ver10/device/wsdl',
  trt: 'http://www.onvif.org/ver10/media/wsdl',
  tr2: 'http://www.onvif.org/ver20/media/wsdl',
  tptz: 'http://www.onvif.org/ver20/ptz/wsdl',
  timg: 'http://www.onvif.org/ver20/imaging/wsdl',
  tev: 'http://www.onvif.org/ver10/events/wsdl',
  tmd: 'http://www.onvif.org/ver10/deviceIO/wsdl',
  tns1: 'http://www.onvif.org/ver10/topics',
} as const;
export type Prefix = keyof typeof namespaces;

const soap11 = 'http://schemas.xmlsoap.org/soap/envelope/';
const maxDepth = 32;
const maxElements = 2_000;

/** An element of a request. `text` is all text directly inside, trimmed. */
export interface Xml {
  ns: string;
  name: string;
  attributes: Map<string, string>;
  children: Xml[];
  text: string;
}

export interface SoapRequest {
  version: '1.1' | '1.2';
  header: Xml | null;
  /** First element of the body. */
  body: Xml;
}

/** A SOAP fault as ONVIF Core 5.8.2 wants it: env:Sender or env:Receiver, then codes of `ter:`, general before special. */
export class SoapFault extends Error {
  readonly who: 'Sender' | 'Receiver';
  readonly codes: readonly string[];

  constructor(who: 'Sender' | 'Receiver', codes: readonly string[], reason: string) {
    super(reason);
    this.name = 'SoapFault';
    this.who = who;
    this.codes = codes;
  }
}

export const notSupported = (what: string): SoapFault =>
  new SoapFault('Receiver', ['ter:ActionNotSupported'], `${what} is not supported`);
export const invalidArgument = (special: string, reason: string): SoapFault =>
  new SoapFault('Sender', ['ter:InvalidArgVal', `ter:${special}`], reason);
export const notAuthorized = (): SoapFault => new SoapFault('Sender', ['ter:NotAuthorized'], 'Sender not Authorized');

/** Throws SoapFault ter:WellFormed for anything that is not an envelope with a body. */
export function readSoap(text: string): SoapRequest {
  const root = parseXml(text);
  const version = root.ns === namespaces.s ? '1.2' : root.ns === soap11 ? '1.1' : null;
  if (version === null || root.name !== 'Envelope')
    throw new SoapFault('Sender', ['ter:WellFormed'], 'This is no SOAP envelope');
  const inEnvelope = (name: string): Xml | undefined =>
    root.children.find((one) => one.ns === root.ns && one.name === name);
  const body = inEnvelope('Body')?.children[0];
  if (!body) throw new SoapFault('Sender', ['ter:WellFormed'], 'The SOAP body is empty');
  return { version, header: inEnvelope('Header') ?? null, body };
}

function parseXml(text: string): Xml {
  const malformed = (reason: string): SoapFault => new SoapFault('Sender', ['ter:WellFormed'], reason);
  const parser = new SaxesParser({ xmlns: true });
  const open: Xml[] = [];
  const roots: Xml[] = [];
  let elements = 0;
  parser.on('error', (error) => {
    throw malformed(error.message);
  });
  parser.on('doctype', () => {
    throw malformed('A document type is not allowed');
  });
  parser.on('opentag', (tag) => {
    if (open.length >= maxDepth || ++elements > maxElements) throw malformed('The request is too deep or too long');
    const attributes = new Map(Object.values(tag.attributes).map((one) => [one.local, one.value]));
    const element: Xml = { ns: tag.uri, name: tag.local, attributes, children: [], text: '' };
    (open.at(-1)?.children ?? roots).push(element);
    open.push(element);
  });
  const addText = (part: string): void => {
    const element = open.at(-1);
    if (element) element.text += part;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', () => {
    const element = open.pop();
    if (element) element.text = element.text.trim();
  });
  parser.write(text).close();
  const [root] = roots;
  if (!root) throw malformed('There is no element');
  return root;
}

/** The child of that name in the namespace of `prefix`, along a path: `child(body, 'tt:PanTilt')`. */
export function child(element: Xml | undefined, ...path: string[]): Xml | undefined {
  let at = element;
  for (const step of path) {
    const [prefix = '', name = ''] = step.split(':');
    const ns = namespaces[prefix as Prefix];
    at = at?.children.find((one) => one.name === name && one.ns === ns);
  }
  return at;
}

export function textOf(element: Xml | undefined, ...path: string[]): string | undefined {
  return child(element, ...path)?.text;
}

/** A number, or undefined where the element is missing. Throws ter:InvalidArgVal for what is no number. */
export function numberOf(element: Xml | undefined, ...path: string[]): number | undefined {
  const text = textOf(element, ...path);
  return text === undefined ? undefined : toNumber(text);
}

export function attributeNumber(element: Xml | undefined, name: string): number | undefined {
  const text = element?.attributes.get(name);
  return text === undefined ? undefined : toNumber(text);
}

function toNumber(text: string): number {
  const value = Number(text);
  if (text === '' || !Number.isFinite(value)) throw invalidArgument('InvalidArgVal', `${text} is not a number`);
  return value;
}

export function isTrue(text: string | undefined): boolean {
  return text === 'true' || text === '1';
}

/** ISO 8601 duration in ms, or undefined. Months and years count as 30 and 365 days. */
export function durationMs(text: string | undefined): number | undefined {
  const match = /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(
    text ?? '',
  );
  if (!match) return undefined;
  const [years, months, days, hours, minutes, seconds] = match
    .slice(1)
    .map((part) => Number((part as string | undefined) ?? 0));
  const allDays = (years ?? 0) * 365 + (months ?? 0) * 30 + (days ?? 0);
  return (((allDays * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0)) * 1000;
}

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

export function escapeXml(text: string): string {
  // Characters that XML 1.0 has no way to write are left out.
  // eslint-disable-next-line no-control-regex
  return text.replaceAll(/[\x00-\x08\x0b\x0c\x0e-\x1f]/g, '').replaceAll(/[&<>"']/g, (c) => escapes[c] ?? c);
}

/** Tagged template: what is put in is escaped, unless it was made by this function or `raw`. */
export function xml(
  strings: TemplateStringsArray,
  ...values: (string | number | boolean | Markup | Markup[])[]
): Markup {
  let out = strings[0] ?? '';
  values.forEach((value, index) => {
    const parts = Array.isArray(value) ? value : [value];
    for (const part of parts) out += part instanceof Markup ? part.text : escapeXml(String(part));
    out += strings[index + 1] ?? '';
  });
  return new Markup(out.replaceAll(/>\s*\n\s*</g, '><').trim());
}

/** Text that is XML already. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}
export const nothing = new Markup('');

function declarations(version: SoapRequest['version']): string {
  return Object.entries(namespaces)
    .map(([prefix, uri]) => ` xmlns:${prefix}="${prefix === 's' && version === '1.1' ? soap11 : uri}"`)
    .join('');
}

export function envelope(version: SoapRequest['version'], body: Markup, header: Markup = nothing): string {
  const head = header.text === '' ? '' : `<s:Header>${header.text}</s:Header>`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<s:Envelope${declarations(version)}>${head}<s:Body>${body.text}</s:Body></s:Envelope>`;
}

/** HTTP status by SOAP 1.2's HTTP binding (env:Sender 400, env:Receiver 500); SOAP 1.1 knows only 500. */
export function faultAnswer(version: SoapRequest['version'], fault: SoapFault): { status: number; text: string } {
  if (version === '1.1') {
    const code = fault.who === 'Sender' ? 's:Client' : 's:Server';
    const body = xml`<s:Fault><faultcode>${code}</faultcode><faultstring>${fault.message}</faultstring><detail>${fault.codes.join(' ')}</detail></s:Fault>`;
    return { status: 500, text: envelope(version, body) };
  }
  const subcodes = fault.codes.reduceRight<Markup>(
    (inner, code) => xml`<s:Subcode><s:Value>${code}</s:Value>${inner}</s:Subcode>`,
    nothing,
  );
  const body = xml`<s:Fault><s:Code><s:Value>s:${fault.who}</s:Value>${subcodes}</s:Code><s:Reason><s:Text xml:lang="en">${fault.message}</s:Text></s:Reason></s:Fault>`;
  return { status: fault.who === 'Sender' ? 400 : 500, text: envelope(version, body) };
}
