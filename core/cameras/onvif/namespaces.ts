/** The namespaces ONVIF is spoken in, by the prefixes that an envelope of ours declares and a camera may forget to. */
import type { ServiceName } from './soap-port.ts';

export const namespaces: Readonly<Record<string, string>> = {
  s: 'http://www.w3.org/2003/05/soap-envelope',
  wsa: 'http://www.w3.org/2005/08/addressing',
  wsnt: 'http://docs.oasis-open.org/wsn/b-2',
  tds: 'http://www.onvif.org/ver10/device/wsdl',
  trt: 'http://www.onvif.org/ver10/media/wsdl',
  tr2: 'http://www.onvif.org/ver20/media/wsdl',
  tptz: 'http://www.onvif.org/ver20/ptz/wsdl',
  timg: 'http://www.onvif.org/ver20/imaging/wsdl',
  tev: 'http://www.onvif.org/ver10/events/wsdl',
  tmd: 'http://www.onvif.org/ver10/deviceIO/wsdl',
  tan: 'http://www.onvif.org/ver20/analytics/wsdl',
  tt: 'http://www.onvif.org/ver10/schema',
};

/** Which service a namespace from GetServices means; null for those we have no use for. */
export function serviceOf(namespace: string): ServiceName | null {
  const plain = namespace.trim().toLowerCase().replace(/\/+$/, '');
  const found = /^https?:\/\/www\.onvif\.org\/(ver\d0)\/(\w+)\/wsdl$/.exec(plain);
  if (found === null) return null;
  const [version, name] = [found[1], found[2]];
  switch (name) {
    case 'media':
      return version === 'ver20' ? 'media2' : 'media1';
    case 'device':
    case 'ptz':
    case 'imaging':
    case 'events':
    case 'deviceio':
    case 'analytics':
      return name;
    default:
      return null;
  }
}
