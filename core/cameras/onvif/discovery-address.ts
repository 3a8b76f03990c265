/**
 * Addresses in discovery: where a device's service is, and which addresses belong to this machine and its networks. Pure but
 * for `ownNetworks`, which reads the interfaces. IPv6 link-local addresses keep their zone (`fe80::1%eth0`); in a URL the
 * percent sign is written `%25` (RFC 6874).
 */
import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';

const devicePath = '/onvif/device_service';
const mostPathCharacters = 256;

interface NamedAddress {
  scheme: 'http' | 'https';
  host: string;
  port: number | null;
  path: string;
}

/**
 * The device service at the address that answered: what the device names at that very address, else (a camera behind a
 * router, with a stale address, or one that names another host on purpose) the port and path it names, at the address that
 * answered. http unless only https is offered.
 */
export function serviceUrl(
  named: readonly string[],
  from: string,
  own: (address: string) => boolean,
): { url: string; address: string } {
  const all = named.slice(0, 64).flatMap((text) => readAddress(text) ?? []);
  const here = all.filter((each) => isSameAddress(each.host, from));
  // A program on this machine may listen on another of its addresses only than the one that answered.
  const local = own(from) ? all.filter((each) => isIP(each.host) !== 0 && own(each.host)) : [];
  const choice = [here, local, all].find((list) => list.length > 0) ?? [];
  const best = choice.find((each) => each.scheme === 'http') ?? choice[0];
  const address = here.length === 0 && local.length > 0 && best ? best.host : from;
  if (!best) return { url: `http://${inUrl(address)}${devicePath}`, address };
  const port = best.port === null ? '' : `:${best.port}`;
  return { url: `${best.scheme}://${inUrl(address)}${port}${best.path}`, address };
}

/** True when the service address names this host. */
export function sameHost(serviceAddress: string, address: string): boolean {
  const named = readAddress(serviceAddress);
  return named !== null && isSameAddress(named.host, address);
}

/** As the authority of a URL takes it. */
export function inUrl(address: string): string {
  return isIPv6(address) ? `[${address.replace('%', '%25')}]` : address;
}

/** Without the zone of an IPv6 address. */
export function withoutZone(address: string): string {
  return address.replace(/%.*$/, '');
}

function readAddress(text: string): NamedAddress | null {
  const match =
    /^(https?):\/\/(?:[^/?#@]*@)?(\[[0-9a-f:.]+(?:%[\w.%-]+)?\]|[^/?#:[\]\s]+)(?::(\d{1,5}))?([/?][^#\s]*)?/i.exec(
      text.slice(0, 1_024),
    );
  if (!match) return null;
  const [, scheme = '', host = '', port, path = '/'] = match;
  const number = port === undefined ? null : Number(port);
  if (number !== null && (number < 1 || number > 65_535)) return null;
  const plain = /^[\x21-\x7e]+$/.test(path) && !/["<>\\^`{|}]/.test(path) && path.length <= mostPathCharacters;
  return {
    scheme: scheme.toLowerCase() === 'https' ? 'https' : 'http',
    host: host
      .replace(/^\[|\]$/g, '')
      .replace('%25', '%')
      .toLowerCase(),
    port: number,
    path: plain && path !== '/' ? (path.startsWith('?') ? `/${path}` : path) : devicePath,
  };
}

function isSameAddress(one: string, other: string): boolean {
  return one === other || canonical(one) === canonical(other);
}

function canonical(address: string): string {
  const bare = withoutZone(address).toLowerCase();
  return isIPv6(bare) ? new URL(`http://[${bare}]/`).hostname : bare;
}

// ---------------------------------------------------------------- this machine and its networks

export interface OwnAddress {
  /** Interface, e.g. `eth0`. */
  name: string;
  address: string;
  family: 4 | 6;
  prefix: number;
  /** Of an IPv6 link-local address: what follows its percent sign. */
  zone: string;
  loopback: boolean;
}

export interface OwnNetworks {
  addresses: OwnAddress[];
  /** One of this machine's own addresses. */
  isOwn(address: string): boolean;
  /** In a network that this machine is directly attached to. */
  isAttached(address: string): boolean;
}

export function ownNetworks(interfaces = networkInterfaces()): OwnNetworks {
  const addresses: OwnAddress[] = [];
  const attached = new BlockList();
  const own = new BlockList();
  for (const [name, list] of Object.entries(interfaces)) {
    for (const each of list ?? []) {
      const family = each.family === 'IPv4' ? 4 : 6;
      const prefix = Number(each.cidr?.split('/')[1] ?? (family === 4 ? 32 : 128));
      attached.addSubnet(each.address, prefix, family === 4 ? 'ipv4' : 'ipv6');
      own.addAddress(each.address, family === 4 ? 'ipv4' : 'ipv6');
      const zone = process.platform === 'win32' ? String(each.scopeid ?? 0) : name;
      addresses.push({ name, address: each.address, family, prefix, zone, loopback: each.internal });
    }
  }
  const loopback = (address: string): boolean => address.startsWith('127.');
  return {
    addresses,
    isOwn: (address) => loopback(address) || contains(own, address),
    isAttached: (address) => loopback(address) || contains(attached, address),
  };
}

const household = new BlockList();
for (const [network, prefix] of [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
  ['127.0.0.0', 8],
] as const)
  household.addSubnet(network, prefix, 'ipv4');
for (const [network, prefix] of [
  ['fc00::', 7],
  ['fe80::', 10],
  ['::1', 128],
] as const)
  household.addSubnet(network, prefix, 'ipv6');

/** An address that can't be on the internet: private, unique local, link-local or loopback. */
export function isHousehold(address: string): boolean {
  return contains(household, address);
}

function contains(list: BlockList, address: string): boolean {
  const bare = withoutZone(address);
  if (isIPv4(bare)) return list.check(bare, 'ipv4');
  return isIPv6(bare) && list.check(bare, 'ipv6');
}
