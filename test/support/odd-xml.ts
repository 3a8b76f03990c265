/** XML as the makers of cameras dress it: one small tree, many manners of writing it. For odd-onvif-device.ts. */

/** `name` with the usual prefix, or none. */
export interface El {
  name: string;
  attributes: Record<string, string>;
  children: (El | string)[];
}
type Part = Record<string, string> | El | string | readonly El[];

export function x(name: string, ...parts: Part[]): El {
  const element: El = { name, attributes: {}, children: [] };
  for (const part of parts) {
    if (typeof part === 'string') element.children.push(part);
    else if (Array.isArray(part)) element.children.push(...(part as El[]));
    else if (isElement(part as Record<string, string> | El)) element.children.push(part as El);
    else Object.assign(element.attributes, part);
  }
  return element;
}

const isElement = (part: Record<string, string> | El): part is El => Array.isArray(part['children']);

export interface Dress {
  version: '1.2' | '1.1';
  /** Another prefix for a usual one. */
  prefixes?: Record<string, string>;
  /** No prefixes: each element brings its namespace as the default one. */
  bare?: boolean;
  /** Children of any element come backwards. */
  backwards?: boolean;
  /** Elements nobody knows, empty ones and xsi:nil in between. */
  noise?: boolean;
  /** Many namespaces on the envelope, used or not. */
  many?: boolean;
  before?: string;
  after?: string;
  /** Between any two tags. */
  between?: string;
  /** In the header of every answer. */
  header?: El;
}

export const uris: Record<string, string> = {
  tt: 'http://www.onvif.org/ver10/schema',
  tds: 'http://www.onvif.org/ver10/device/wsdl',
  trt: 'http://www.onvif.org/ver10/media/wsdl',
  tr2: 'http://www.onvif.org/ver20/media/wsdl',
  tptz: 'http://www.onvif.org/ver20/ptz/wsdl',
  timg: 'http://www.onvif.org/ver20/imaging/wsdl',
  tev: 'http://www.onvif.org/ver10/events/wsdl',
  wsnt: 'http://docs.oasis-open.org/wsn/b-2',
  wsa: 'http://www.w3.org/2005/08/addressing',
  wstop: 'http://docs.oasis-open.org/wsn/t-1',
  tns1: 'http://www.onvif.org/ver10/topics',
  ter: 'http://www.onvif.org/ver10/error',
  maker: 'http://www.example.com/2009/event',
};
const soap = {
  '1.2': 'http://www.w3.org/2003/05/soap-envelope',
  '1.1': 'http://schemas.xmlsoap.org/soap/envelope/',
} as const;
const unused = ['enc', 'c14n', 'xenc', 'dsig', 'saml1', 'saml2', 'wsc', 'chan', 'wsrfbf', 'xop', 'tad', 'tas', 'tse'];

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/** The whole message, `inner` in the body. */
export function dressed(inner: El, dress: Dress): string {
  const all: Record<string, string> = {
    s: soap[dress.version],
    xsi: 'http://www.w3.org/2001/XMLSchema-instance',
    ...uris,
  };
  const renamed = (prefix: string): string => dress.prefixes?.[prefix] ?? prefix;
  const write = (element: El, ns: string): string => {
    const [local = '', prefix = ''] = element.name.split(':').reverse();
    const uri = prefix === '' ? '' : (all[prefix] ?? '');
    const bare = dress.bare === true && prefix !== 's';
    const tag = bare || prefix === '' ? local : `${renamed(prefix)}:${local}`;
    const attributes = { ...element.attributes };
    if (bare && uri !== ns) attributes['xmlns'] = uri;
    const written = Object.entries(attributes).map(([name, value]) => ` ${name}="${escaped(value)}"`);
    const children = dress.backwards === true ? [...element.children].reverse() : element.children;
    const inside = children.map((child) =>
      typeof child === 'string' ? escaped(child) : write(child, bare ? uri : ns),
    );
    const noise =
      dress.noise === true && children.length > 0 && typeof children[0] !== 'string' && prefix !== 's'
        ? `<vendorExtra xmlns="urn:vendor"><Name>no</Name><Uri>rtsp://10.9.9.9/no</Uri></vendorExtra><${renamed('tt')}:Extension xmlns:${renamed('tt')}="${all['tt'] ?? ''}"/><nothing xmlns="" xmlns:xsi="${all['xsi'] ?? ''}" xsi:nil="true"/>`
        : '';
    return `<${tag}${written.join('')}>${noise}${inside.join(dress.between ?? '')}</${tag}>`;
  };
  const declared = dress.bare === true ? ['s'] : Object.keys(all);
  const xmlns = declared.map((prefix) => ` xmlns:${renamed(prefix)}="${all[prefix] ?? ''}"`).join('');
  const extra = dress.many === true ? unused.map((name) => ` xmlns:${name}="urn:unused:${name}"`).join('') : '';
  const s = renamed('s');
  const header = dress.header === undefined ? '' : `<${s}:Header>${write(dress.header, '')}</${s}:Header>`;
  const gap = dress.between ?? '';
  return (
    (dress.before ?? '<?xml version="1.0" encoding="UTF-8"?>\n') +
    `<${s}:Envelope${xmlns}${extra}>${gap}${header}${gap}<${s}:Body>${gap}${write(inner, '')}${gap}</${s}:Body>${gap}</${s}:Envelope>` +
    (dress.after ?? '')
  );
}
