/**
 * Asks the addresses that a person typed: first each over WS-Discovery, then, where nothing came, over HTTP at the ports that
 * cameras use. Gently: 250 datagrams a second, 32 connections at a time, one per address.
 */
import { lookup } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { isIP, isIPv4 } from 'node:net';
import type { FoundDevice } from '#core/domain/onvif.ts';
import { inUrl, type OwnNetworks } from './discovery-address.ts';
import { DiscoveryDesk } from './discovery-desk.ts';
import { knock } from './discovery-knock.ts';
import type { ProbeKind } from './discovery-messages.ts';
import { discoveryPort } from './discovery-multicast.ts';
import { openSocket, pause, type SearchSocket } from './discovery-socket.ts';
import { readTarget } from './discovery-target.ts';

const usualPorts = [80, 8080, 8000, 8899, 2020, 5000, 8081];
const securePorts = [443];
const atOnce = 32;
/** Distance of two datagrams of a range: an address without a device costs the system a slot for 3 s. */
const pacing = { datagrams: 5, everyMs: 20 };
const secondQuestionMs = 250;
const mostSecondQuestions = 256;
const replyMs = 700;
/** Of the time left, for those that answer late. */
const lastMs = 100;

/** Throws HubError `bad_request` for what can't be asked. */
export async function askDirectly(
  typed: string,
  networks: OwnNetworks,
  timeoutMs: number,
  onFound: (device: FoundDevice) => void,
  signal: AbortSignal,
): Promise<{ problems: string[] }> {
  const timer = new AbortController();
  const deadline = setTimeout(() => timer.abort(), Math.max(1, timeoutMs - lastMs));
  const ended = AbortSignal.any([signal, timer.signal]);
  const target = readTarget(typed, networks);
  const addresses = target.kind === 'range' ? target.addresses : await resolve(target.host);
  const wanted = new Set(addresses);
  const desk = new DiscoveryDesk(networks, (from) => wanted.has(from), onFound);
  const cancel = (): void => {
    desk.cancel();
  };
  signal.addEventListener('abort', cancel, { once: true });
  try {
    const problems: string[] = [];
    const alone = target.kind === 'host' ? target : null;
    if (alone && addresses.length === 0)
      problems.push(
        `No device on the network is called '${alone.host}'. Check the name, or type the camera's IP address.`,
      );
    if (addresses.length > 0 && (alone?.port ?? null) === null)
      problems.push(...(await askByDatagram(addresses, desk, ended)));
    const silent = addresses.filter((address) => !desk.answered.has(address));
    problems.push(
      ...(alone
        ? await visitOne(silent, alone.host, alone.port, desk, ended)
        : await visitRange(silent, networks, desk, ended)),
    );
    return { problems: [...problems, ...desk.end()] };
  } finally {
    clearTimeout(deadline);
    signal.removeEventListener('abort', cancel);
    timer.abort();
    desk.cancel();
  }
}

/** At most one address: of a name with several the first, IPv4 before IPv6. */
async function resolve(host: string): Promise<string[]> {
  if (isIP(host) !== 0) return [host];
  try {
    const all = await lookup(host, { all: true });
    return [all.find((each) => each.family === 4) ?? all[0]].flatMap((each) => each?.address ?? []);
  } catch {
    // ENOTFOUND, EAI_AGAIN and their kin mean the same to the person who typed it.
    return [];
  }
}

/**
 * Asks each address in the two ways that cameras answer to; the second time only those that are there and did not answer.
 * Resolves when the last had time to reply.
 */
async function askByDatagram(addresses: readonly string[], desk: DiscoveryDesk, ended: AbortSignal): Promise<string[]> {
  const socket = await open(isIPv4(addresses[0] ?? '') ? 4 : 6, desk, ended);
  if (socket === null) return ['This machine lets nothing be sent by UDP, so only the web ports were tried.'];
  const ask = async (kind: ProbeKind, those: readonly string[]): Promise<void> => {
    const message = desk.question(kind);
    for (const [i, address] of those.entries()) {
      if (ended.aborted) return;
      socket.send(message, address, discoveryPort);
      if (i % pacing.datagrams === pacing.datagrams - 1) await pause(pacing.everyMs, ended);
    }
  };
  try {
    await ask('any', addresses);
    await pause(secondQuestionMs, ended);
    const absent = await absentNeighbours();
    const silent = addresses.filter((address) => !desk.answered.has(address) && !absent.has(address));
    await ask('transmitter', silent.slice(0, mostSecondQuestions));
    await pause(replyMs, ended);
  } finally {
    socket.close();
  }
  return [];
}

async function open(family: 4 | 6, desk: DiscoveryDesk, ended: AbortSignal): Promise<SearchSocket | null> {
  const events = {
    onDatagram: (datagram: Buffer, from: string): void => {
      desk.receive(datagram, from);
    },
    // An address that can't be sent to does not answer either; it is asked over HTTP, which tells.
    onFault: (): void => undefined,
  };
  try {
    return await openSocket(family === 4 ? '0.0.0.0' : '::', family, () => undefined, events, ended);
  } catch {
    return null;
  }
}

/** One typed address (or none, when it answered already): every usual port, and what was found there in words. */
async function visitOne(
  addresses: readonly string[],
  typed: string,
  port: number | null,
  desk: DiscoveryDesk,
  ended: AbortSignal,
): Promise<string[]> {
  const [address] = addresses;
  if (address === undefined) return [];
  const title = isIP(typed) === 0 ? typed : inUrl(address);
  const ports = port === null ? [...usualPorts, ...securePorts] : [port];
  const heard = await visit(address, title, ports, () => isAbsent(address), desk, ended);
  if (heard.found) return [];
  const where = port === null ? typed : `${typed}:${port}`;
  if (heard.locked !== null)
    return [
      `${typed} asks for a password at port ${heard.locked} before it says what it is. If it is your camera, add it with its user name and password.`,
    ];
  if (!heard.anybody)
    return [`Nothing answers at ${where}. Check that the camera has power and that the address is right.`];
  return [
    `${where} answers, but not as an ONVIF camera. ONVIF may be switched off in its settings, or want a user of its own; or add it with its rtsp:// address.`,
  ];
}

async function visitRange(
  addresses: readonly string[],
  networks: OwnNetworks,
  desk: DiscoveryDesk,
  ended: AbortSignal,
): Promise<string[]> {
  const absent = await absentNeighbours();
  const queue = addresses.filter((address) => networks.isOwn(address) || !absent.has(address));
  let done = 0;
  let next = 0;
  const visitor = async (): Promise<void> => {
    for (let at = next++; at < queue.length; at = next++) {
      const address = queue[at] ?? '';
      await visit(address, address, usualPorts, () => true, desk, ended);
      if (ended.aborted) return;
      done++;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, visitor));
  const left = queue.length - done;
  if (left === 0) return [];
  return [
    `There was no time to try ${left} of ${addresses.length} addresses that did not answer the search. Type a smaller range, or the address of the camera.`,
  ];
}

interface Heard {
  found: boolean;
  anybody: boolean;
  /** A port where a web server wants a password first. */
  locked: number | null;
}

/** One port after the other until a camera answers. Where nothing answers at the first, `nobody` tells whether to go on. */
async function visit(
  address: string,
  title: string,
  ports: readonly number[],
  nobody: () => boolean | Promise<boolean>,
  desk: DiscoveryDesk,
  ended: AbortSignal,
): Promise<Heard> {
  const heard: Heard = { found: false, anybody: false, locked: null };
  for (const port of ports) {
    if (ended.aborted) break;
    const result = await knock(address, port, title, ended);
    if (result === 'silent') {
      if (!heard.anybody && (await nobody())) break;
      continue;
    }
    heard.anybody = true;
    if (result === 'locked') heard.locked ??= port;
    if (typeof result === 'string') continue;
    heard.found = true;
    const unknown = { name: null, make: null, model: null, location: null };
    desk.add({ endpoint: result.url, url: result.url, address, ...unknown });
    break;
  }
  return heard;
}

const isAbsent = async (address: string): Promise<boolean> => (await absentNeighbours()).has(address);

/** Linux knows after the datagrams which neighbours do not exist: nothing answered at their address. Elsewhere: none. */
async function absentNeighbours(): Promise<Set<string>> {
  if (process.platform !== 'linux') return new Set();
  try {
    const table = await readFile('/proc/net/arp', 'utf8');
    const rows = table.split('\n').map((row) => row.split(/\s+/));
    return new Set(rows.flatMap(([address, , flags]) => (address !== undefined && flags === '0x0' ? [address] : [])));
  } catch {
    // Not there in some containers: then every address is tried.
    return new Set();
  }
}
