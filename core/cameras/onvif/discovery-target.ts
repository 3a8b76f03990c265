/**
 * What a person typed as the place to search: one address or host, `a.b.c.d/nn`, or `a.b.c.d-e`. Pure.
 * Invariant: more than one address is only ever asked in a private network that this machine is attached to.
 */
import { isIP, isIPv4, isIPv6 } from 'node:net';
import { HubError } from '#core/base/errors.ts';
import { isHousehold, type OwnNetworks } from './discovery-address.ts';

const mostAddresses = 1_024;

export type DirectTarget =
  /** `port` null: the usual ones. */
  { kind: 'host'; host: string; port: number | null } | { kind: 'range'; typed: string; addresses: string[] };

/** Throws HubError `bad_request` with a sentence that says what can be typed. */
export function readTarget(typed: string, networks: OwnNetworks): DirectTarget {
  const text = typed.trim();
  const subnet = /^(\d+\.\d+\.\d+\.\d+)\s*\/\s*(\d{1,2})$/.exec(text);
  if (subnet) return range(text, ofSubnet(subnet[1] ?? '', Number(subnet[2])), networks);
  const span = /^(\d+\.\d+\.\d+\.\d+)\s*[-–]\s*(?:(\d+\.\d+\.\d+)\.)?(\d{1,3})$/.exec(text);
  if (span) {
    const first = span[1] ?? '';
    return range(text, ofSpan(first, `${span[2] ?? first.replace(/\.\d+$/, '')}.${span[3] ?? ''}`), networks);
  }
  return host(text);
}

function host(text: string): DirectTarget {
  const withPort = /^(\[[0-9a-f:.]+(?:%[\w.-]+)?\]|[^\s:[\]/]+):(\d{1,5})$/i.exec(text);
  const name = (withPort?.[1] ?? text).replace(/^\[|\]$/g, '').toLowerCase();
  const port = withPort ? Number(withPort[2]) : null;
  if (port !== null && (port < 1 || port > 65_535)) throw refuse('The port must be between 1 and 65535.');
  if (
    isIP(name) === 0 &&
    (!/^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_-]+)*\.?$/.test(name) || /^[\d.]+$/.test(name))
  )
    throw refuse(
      `'${text.slice(0, 60)}' is no address that can be searched. Type an IP address or host name, a range like 192.168.1.20-40, or a network like 192.168.1.0/24.`,
    );
  if (isNoHost(name)) throw refuse(`${name} is not the address of one device. Type a camera's own address.`);
  return { kind: 'host', host: name, port };
}

/** Unspecified, multicast, broadcast. */
function isNoHost(name: string): boolean {
  if (isIPv4(name)) return /^(0\.|2(2[4-9]|[345]\d)\.)/.test(name);
  return isIPv6(name) && (/^ff/.test(name) || /^[0:]+(%.*)?$/.test(name));
}

function ofSubnet(address: string, prefix: number): [number, number] {
  if (prefix > 32 || prefix < 1 || !isIPv4(address)) throw refuse(`A network is written like 192.168.1.0/24.`);
  const size = 2 ** (32 - prefix);
  const first = Math.floor(numberOf(address) / size) * size;
  // The first and the last address of a network are not those of devices.
  return size > 2 ? [first + 1, first + size - 2] : [first, first + size - 1];
}

function ofSpan(first: string, last: string): [number, number] {
  if (!isIPv4(first) || !isIPv4(last) || numberOf(last) < numberOf(first))
    throw refuse(`A range is written like 192.168.1.20-40: the first address, then the last number.`);
  return [numberOf(first), numberOf(last)];
}

function range(typed: string, [first, last]: [number, number], networks: OwnNetworks): DirectTarget {
  if (last - first + 1 > mostAddresses)
    throw refuse(
      `That is ${last - first + 1} addresses; at most ${mostAddresses} are searched at once. Type a smaller range, such as a /24.`,
    );
  const [from, to] = [addressOf(first), addressOf(last)];
  const attached = networks.addresses.some(
    (own) => own.family === 4 && isInside(from, own.address, own.prefix) && isInside(to, own.address, own.prefix),
  );
  if (!isHousehold(from) || !isHousehold(to) || !attached) throw refuse(foreign(typed, networks));
  return { kind: 'range', typed, addresses: Array.from({ length: last - first + 1 }, (_, i) => addressOf(first + i)) };
}

function foreign(typed: string, networks: OwnNetworks): string {
  const mine = networks.addresses
    .filter((own) => own.family === 4 && !own.loopback && isHousehold(own.address))
    .map((own) => `${own.address}/${own.prefix}`);
  const known =
    mine.length === 0 ? 'It is on no home network at the moment.' : `It is on ${mine.slice(0, 4).join(', ')}.`;
  return `${typed} is not in a home network that this machine is on. ${known} Search there, or type the address of one camera.`;
}

function isInside(address: string, network: string, prefix: number): boolean {
  const size = 2 ** (32 - prefix);
  return Math.floor(numberOf(address) / size) === Math.floor(numberOf(network) / size);
}

function numberOf(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function addressOf(number: number): string {
  return [3, 2, 1, 0].map((byte) => Math.floor(number / 256 ** byte) % 256).join('.');
}

function refuse(message: string): HubError {
  return new HubError('bad_request', message);
}
