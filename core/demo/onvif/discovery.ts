/**
 * WS-Discovery (OASIS wsdd-discovery 1.0 as of April 2005, which ONVIF uses): Hello, Bye, Probe and Resolve over UDP 3702 for
 * all cameras of a process. Invariant: a camera that listens on loopback only is told of on loopback only; replies are as
 * many as probes were, times the cameras, and no more.
 */
import { randomInt, randomUUID } from 'node:crypto';
import dgram from 'node:dgram';
import { networkInterfaces } from 'node:os';
import { SaxesParser } from 'saxes';
import { escapeXml } from './soap.ts';

export const discoveryPort = 3702;
const group4 = '239.255.255.250';
const group6 = 'ff02::c';
const maxProbeBytes = 16_384;
/** SOAP-over-UDP spreads answers so that many cameras don't speak at once. */
const spreadMs = 80;
const repeatMs = 120;

export interface Announced {
  uuid: string;
  scopes: () => readonly string[];
  /** Where it listens: an address, 0.0.0.0 or ::. */
  host: string;
  port: () => number;
  path: string;
  /** Not while it reboots or is silent. */
  present: () => boolean;
  /** How often each answer is sent: SOAP-over-UDP repeats them, for datagrams get lost. */
  repeats: () => number;
}

interface Interface {
  address: string;
  family: 'IPv4' | 'IPv6';
  internal: boolean;
  name: string;
}

export class DiscoveryResponder {
  readonly #cameras = new Set<Announced>();
  readonly #sockets: dgram.Socket[] = [];
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #instance = Math.floor(Date.now() / 1000);
  #message = 0;
  #probes = 0;
  #port: number;

  /** Another port than 3702 only makes sense in tests. */
  constructor(port = discoveryPort) {
    this.#port = port;
  }

  get probes(): number {
    return this.#probes;
  }
  get port(): number {
    return this.#port;
  }

  /** Rejects when the IPv4 port can't be had; IPv6 is taken where there is any. */
  async start(): Promise<void> {
    await this.#listen('udp4');
    try {
      await this.#listen('udp6');
    } catch {
      // No IPv6 on this machine: IPv4 alone is what most cameras speak.
    }
  }

  async stop(): Promise<void> {
    for (const camera of [...this.#cameras]) this.remove(camera);
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    await Promise.all(this.#sockets.splice(0).map((socket) => new Promise<void>((resolve) => socket.close(resolve))));
  }

  add(camera: Announced): void {
    this.#cameras.add(camera);
    this.announce(camera, 'Hello');
  }

  remove(camera: Announced): void {
    if (this.#cameras.delete(camera)) this.announce(camera, 'Bye');
  }

  announce(camera: Announced, word: 'Hello' | 'Bye'): void {
    const body =
      word === 'Hello'
        ? `<d:Hello>${endpoint(camera)}${description(camera, xAddrs(camera, null))}</d:Hello>`
        : `<d:Bye>${endpoint(camera)}</d:Bye>`;
    const text = this.#envelope(word, 'urn:schemas-xmlsoap-org:ws:2005:04:discovery', null, body);
    for (const { address, internal, family } of interfaces()) {
      if (family !== 'IPv4' || isLoopback(camera.host) !== internal) continue;
      const [socket] = this.#sockets;
      try {
        socket?.setMulticastInterface(address);
        socket?.send(text, this.#port, group4, ignored);
      } catch {
        // An interface that went away meanwhile, or that has no multicast: Hello is a courtesy.
      }
    }
  }

  async #listen(type: 'udp4' | 'udp6'): Promise<void> {
    const socket = dgram.createSocket({ type, reuseAddr: true, ipv6Only: type === 'udp6' });
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(this.#port, () => {
        socket.off('error', reject);
        resolve();
      });
    });
    socket.on('error', (error) => process.emitWarning(`virtual camera: discovery: ${error.message}`));
    this.#port = socket.address().port;
    for (const { address, family, name } of interfaces()) {
      try {
        if (type === 'udp4' && family === 'IPv4') socket.addMembership(group4, address);
        if (type === 'udp6' && family === 'IPv6') socket.addMembership(group6, `::%${name}`);
      } catch {
        // Not every interface knows multicast (tunnels, some containers); the others do.
      }
    }
    socket.on('message', (bytes, from) => this.#heard(socket, bytes, from));
    this.#sockets.push(socket);
  }

  #heard(socket: dgram.Socket, bytes: Buffer, from: dgram.RemoteInfo): void {
    if (bytes.length > maxProbeBytes) return;
    const probe = readProbe(bytes.toString('utf8'));
    if (!probe) return;
    this.#probes++;
    for (const camera of this.#cameras) {
      if (!camera.present() || !matches(camera, probe)) continue;
      if (isLoopback(camera.host) && !isLoopback(from.address)) continue;
      const matched = probe.kind === 'Probe' ? 'ProbeMatch' : 'ResolveMatch';
      const inside = `<d:${matched}>${endpoint(camera)}${description(camera, xAddrs(camera, from.address))}</d:${matched}>`;
      const to = 'http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous';
      const text = this.#envelope(`${probe.kind}Matches`, to, probe.id, `<d:${matched}es>${inside}</d:${matched}es>`);
      const delayMs = randomInt(0, spreadMs);
      for (let n = 0; n < camera.repeats(); n++) this.#later(socket, text, from, delayMs + n * repeatMs);
    }
  }

  #later(socket: dgram.Socket, text: string, to: dgram.RemoteInfo, afterMs: number): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      socket.send(text, to.port, to.address, ignored);
    }, afterMs);
    this.#timers.add(timer);
  }

  #envelope(action: string, to: string, relatesTo: string | null, body: string): string {
    const relates = relatesTo === null ? '' : `<a:RelatesTo>${escapeXml(relatesTo)}</a:RelatesTo>`;
    return (
      '<?xml version="1.0" encoding="UTF-8"?>\n<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"' +
      ' xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"' +
      ' xmlns:dn="http://www.onvif.org/ver10/network/wsdl" xmlns:tds="http://www.onvif.org/ver10/device/wsdl">' +
      `<s:Header><a:MessageID>urn:uuid:${randomUUID()}</a:MessageID>${relates}<a:To s:mustUnderstand="true">${to}</a:To>` +
      `<a:Action s:mustUnderstand="true">http://schemas.xmlsoap.org/ws/2005/04/discovery/${action}</a:Action>` +
      `<d:AppSequence InstanceId="${this.#instance}" MessageNumber="${++this.#message}"/></s:Header><s:Body>${body}</s:Body></s:Envelope>`
    );
  }
}

/** A datagram that can't be sent is lost, as any may be. */
const ignored = (): undefined => undefined;

const endpoint = (camera: Announced): string =>
  `<a:EndpointReference><a:Address>urn:uuid:${camera.uuid}</a:Address></a:EndpointReference>`;

function description(camera: Announced, addresses: string[]): string {
  return (
    `<d:Types>dn:NetworkVideoTransmitter tds:Device</d:Types><d:Scopes>${escapeXml(camera.scopes().join(' '))}</d:Scopes>` +
    `<d:XAddrs>${addresses.join(' ')}</d:XAddrs><d:MetadataVersion>1</d:MetadataVersion>`
  );
}

/** All addresses of a camera that listens everywhere, of the family it was asked in; as cameras with two interfaces do. */
function xAddrs(camera: Announced, asked: string | null): string[] {
  const everywhere = camera.host === '0.0.0.0' || camera.host === '::';
  const family = asked?.includes(':') === true ? 'IPv6' : 'IPv4';
  const local = asked !== null && isLoopback(asked);
  const hosts = everywhere
    ? interfaces()
        .filter(
          (one) =>
            one.family === family &&
            (local || !one.internal) &&
            (one.family === 'IPv4' || !one.address.startsWith('fe80')),
        )
        .map((one) => one.address)
    : [camera.host];
  return hosts.map((host) => `http://${host.includes(':') ? `[${host}]` : host}:${camera.port()}${camera.path}`);
}

function interfaces(): Interface[] {
  return Object.entries(networkInterfaces()).flatMap(([name, list]) =>
    (list ?? []).map(({ address, family, internal }) => ({ address, family, internal, name })),
  );
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1' || address.startsWith('::ffff:127.');
}

interface ProbeMessage {
  kind: 'Probe' | 'Resolve';
  id: string;
  types: string[];
  scopes: string[];
  address: string;
}

/** Null for what is no probe. */
function readProbe(text: string): ProbeMessage | null {
  const found: Omit<ProbeMessage, 'kind'> & { kind: ProbeMessage['kind'] | null } = {
    kind: null,
    id: '',
    types: [],
    scopes: [],
    address: '',
  };
  let inside = '';
  let words = '';
  const parser = new SaxesParser({ xmlns: true });
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ local, uri }) => {
    inside = local;
    words = '';
    if ((local === 'Probe' || local === 'Resolve') && uri.endsWith('/2005/04/discovery')) found.kind = local;
  });
  parser.on('text', (part) => (words += part));
  parser.on('closetag', ({ local }) => {
    if (local !== inside) return;
    const value = words.trim();
    if (local === 'MessageID') found.id = value;
    if (local === 'Types') found.types = value.split(/\s+/).filter(Boolean);
    if (local === 'Scopes') found.scopes = value.split(/\s+/).filter(Boolean);
    if (local === 'Address') found.address = value;
  });
  try {
    parser.write(text).close();
  } catch {
    // Anything may arrive on an open port; only probes are answered.
    return null;
  }
  return found.kind === null || found.id === '' ? null : { ...found, kind: found.kind };
}

function matches(camera: Announced, probe: ProbeMessage): boolean {
  if (probe.kind === 'Resolve') return probe.address === `urn:uuid:${camera.uuid}`;
  const known = ['NetworkVideoTransmitter', 'Device'];
  if (!probe.types.every((type) => known.includes(type.replace(/^.*:/, '')))) return false;
  // RFC 3986 matching, WS-Discovery's default: by whole path segments.
  return probe.scopes.every((wanted) =>
    camera.scopes().some((scope) => scope === wanted || scope.startsWith(`${wanted.replace(/\/$/, '')}/`)),
  );
}
