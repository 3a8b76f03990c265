/** Which services a camera offers, where, and with what abilities: from GetServices, or GetCapabilities of older ones. */
import { namedPort } from './address.ts';
import { serviceOf } from './namespaces.ts';
import type { ServiceName, XmlElement } from './soap-port.ts';
import { at, child, childrenOf, textAt } from './tree.ts';

const device = 'http://www.onvif.org/ver10/device/wsdl';

export const getServices = {
  action: `${device}/GetServices`,
  body: '<tds:GetServices><tds:IncludeCapability>true</tds:IncludeCapability></tds:GetServices>',
} as const;
/** For cameras that stumble over the question for abilities. */
export const getServicesOnly = {
  action: `${device}/GetServices`,
  body: '<tds:GetServices><tds:IncludeCapability>false</tds:IncludeCapability></tds:GetServices>',
} as const;
export const getCapabilities = {
  action: `${device}/GetCapabilities`,
  body: '<tds:GetCapabilities><tds:Category>All</tds:Category></tds:GetCapabilities>',
} as const;

export interface Service {
  /** As the camera named it: not to be used before the one-address rule was applied. */
  address: string;
  capabilities: XmlElement | null;
}
export type Services = Map<ServiceName, Service>;

const most = 64;

export function readServices(answer: XmlElement): Services {
  const services: Services = new Map();
  for (const entry of childrenOf(answer, 'Service').slice(0, most)) {
    const name = serviceOf(textAt(entry, 'Namespace') ?? '');
    const address = textAt(entry, 'XAddr');
    if (name === null || address === null || services.has(name)) continue;
    const wrapped = child(entry, 'Capabilities');
    services.set(name, { address, capabilities: wrapped?.children[0] ?? wrapped });
  }
  return services;
}

export function readCapabilities(answer: XmlElement): Services {
  const services: Services = new Map();
  const all = child(answer, 'Capabilities') ?? answer;
  const places: [ServiceName, XmlElement | null][] = [
    ['device', child(all, 'Device')],
    ['media1', child(all, 'Media')],
    ['ptz', child(all, 'PTZ')],
    ['imaging', child(all, 'Imaging')],
    ['events', child(all, 'Events')],
    ['analytics', child(all, 'Analytics')],
    ['deviceio', at(all, 'Extension', 'DeviceIO')],
  ];
  for (const [name, element] of places) {
    const address = textAt(element, 'XAddr');
    if (address !== null) services.set(name, { address, capabilities: element });
  }
  return services;
}

/** The port that the camera believes its device service to be at; where it names that one nowhere, the port of all others. */
export function portOfDevice(services: Services): number | null {
  const address = services.get('device')?.address;
  if (address !== undefined) return namedPort(address);
  const ports = new Set([...services.values()].map((service) => namedPort(service.address)));
  const [port = null] = ports;
  return ports.size === 1 ? port : null;
}
