/**
 * Asks all networks of this machine at once: one socket per IPv4 address and one per interface with IPv6. Questions go one
 * hop far and are repeated, since datagrams get lost and some cameras sleep. Replies come back to the socket that asked.
 */
import { errorText } from '#core/base/errors.ts';
import type { OwnAddress, OwnNetworks } from './discovery-address.ts';
import type { DiscoveryDesk } from './discovery-desk.ts';
import type { ProbeKind } from './discovery-messages.ts';
import { openSocket, pause, type SearchSocket } from './discovery-socket.ts';

export const discoveryPort = 3702;
const group4 = '239.255.255.250';
const group6 = 'ff02::c';
const mostSockets = 64;

/** When each question goes out, ms after the start: spread a little, because small cameras lose bursts. */
const schedule: readonly (readonly [number, ProbeKind])[] = [
  [0, 'transmitter'],
  [60, 'device'],
  [120, 'any'],
  [180, 'any-1.1'],
  [500, 'transmitter'],
  [560, 'any'],
  [1_500, 'transmitter'],
  [1_560, 'device'],
  [1_620, 'any'],
  [1_680, 'any-1.1'],
];
/** A question that leaves less time than this is not asked. */
const leastReplyMs = 150;

/** Resolves after `timeoutMs` or at the signal, with what went wrong in words. */
export async function askEverywhere(
  desk: DiscoveryDesk,
  networks: OwnNetworks,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<string[]> {
  const startedAt = performance.now();
  const faults = new Map<string, string>();
  const places = searchPlaces(networks);
  const opened = await Promise.all(places.slice(0, mostSockets).map((place) => open(place, desk, faults, signal)));
  const sockets = opened.filter((each) => each !== null);
  try {
    for (const [atMs, kind] of schedule) {
      if (atMs > 0 && atMs > timeoutMs - leastReplyMs) break;
      await pause(atMs - (performance.now() - startedAt), signal);
      if (signal.aborted) return [];
      const message = desk.question(kind);
      for (const each of sockets) each.ask(message);
    }
    await pause(timeoutMs - (performance.now() - startedAt), signal);
  } finally {
    for (const { socket } of sockets) socket.close();
  }
  return problemsOf(places, faults);
}

interface Asker {
  socket: SearchSocket;
  ask(message: Buffer): void;
}

async function open(
  place: OwnAddress,
  desk: DiscoveryDesk,
  faults: Map<string, string>,
  signal: AbortSignal,
): Promise<Asker | null> {
  const fault = (error: unknown): void => {
    faults.set(`${place.name} (${place.address})`, reasonOf(error));
  };
  const four = place.family === 4;
  try {
    const socket = await openSocket(
      // A link-local source of our own would keep cameras with other IPv6 addresses from answering: any will do.
      four ? place.address : '::',
      place.family,
      (raw) => {
        raw.setMulticastInterface(four ? place.address : `::%${place.zone}`);
        raw.setMulticastTTL(1);
        // The virtual camera may be on this very machine.
        raw.setMulticastLoopback(true);
      },
      { onDatagram: (datagram, from) => desk.receive(datagram, from), onFault: fault },
      signal,
    );
    const group = four ? group4 : `${group6}%${place.zone}`;
    return { socket, ask: (message) => socket.send(message, group, discoveryPort) };
  } catch (error) {
    fault(error);
    return null;
  }
}

/** Every IPv4 address; for IPv6 every interface once, by its link-local address. Real networks first. */
function searchPlaces(networks: OwnNetworks): OwnAddress[] {
  const four = networks.addresses.filter((each) => each.family === 4);
  const six = new Map(
    networks.addresses
      .filter((each) => each.family === 6 && !each.loopback && /^fe[89ab]/i.test(each.address))
      .map((each) => [each.zone, each]),
  );
  return [...four, ...six.values()].sort((a, b) => Number(a.loopback) - Number(b.loopback));
}

function problemsOf(places: readonly OwnAddress[], faults: ReadonlyMap<string, string>): string[] {
  const problems: string[] = [];
  if (!places.some((place) => !place.loopback))
    problems.push(
      'This machine is on no network: only cameras on the machine itself can be found. Plug in the cable or join the Wi-Fi.',
    );
  for (const [name, reason] of [...faults].slice(0, 8))
    problems.push(`Network ${name} could not be searched: ${reason}.`);
  if (places.length > mostSockets)
    problems.push(
      `This machine has ${places.length} network addresses; ${mostSockets} were searched. Type the address of a camera that is missing.`,
    );
  return problems;
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (['ENETUNREACH', 'EHOSTUNREACH', 'ENODEV', 'EADDRNOTAVAIL', 'EINVAL', 'ENETDOWN'].includes(code))
    return 'it carries no multicast';
  if (code === 'EPERM' || code === 'EACCES') return 'a firewall or the system forbids it';
  return code === '' ? errorText(error) : code;
}
