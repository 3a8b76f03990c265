/**
 * Where all replies of one search arrive: accepts those that answer a question of ours from a place that may, folds the ones
 * of the same device into one, and tells each device once. Invariants: the number of replies read, of devices told and of
 * replies per sender is bounded; after `end()` or `cancel()` nothing more is told.
 */
import { isIPv4 } from 'node:net';
import type { FoundDevice } from '#core/domain/onvif.ts';
import { isHousehold, type OwnNetworks } from './discovery-address.ts';
import { probeMessage, type ProbeKind } from './discovery-messages.ts';
import { deviceOf, messageKey, namesItself, readReply, type ProbeMatch } from './discovery-reply.ts';

const mostReplyBytes = 64 * 1024;
const mostReplies = 2_000;
const mostBytes = 8 * 1024 * 1024;
/** Room for sixteen devices on one host, each asked in every way. */
const mostRepliesPerSender = 256;
const mostDevices = 512;
const mostDevicesPerSender = 64;
/** How long a device that answered over a lesser address may take to answer over a better one. */
const betterAddressMs = 700;

interface Entry {
  device: FoundDevice;
  rank: number;
  told: boolean;
  timer: NodeJS.Timeout | null;
}

export class DiscoveryDesk {
  readonly #networks: OwnNetworks;
  readonly #accepts: (address: string) => boolean;
  readonly #onFound: (device: FoundDevice) => void;
  readonly #asked = new Set<string>();
  readonly #entries = new Map<string, Entry>();
  readonly #perSender = new Map<string, { replies: number; devices: number }>();
  readonly #elsewhere = new Set<string>();
  readonly #answered = new Set<string>();
  #replies = 0;
  #bytes = 0;
  #devices = 0;
  #full = false;
  #ended = false;

  /** `accepts` tells from which addresses a reply may come. */
  constructor(networks: OwnNetworks, accepts: (address: string) => boolean, onFound: (device: FoundDevice) => void) {
    this.#networks = networks;
    this.#accepts = accepts;
    this.#onFound = onFound;
  }

  /** Addresses whose reply was read. */
  get answered(): ReadonlySet<string> {
    return this.#answered;
  }

  /** A new question; replies to it are accepted from now on. */
  question(kind: ProbeKind): Buffer {
    const { id, message } = probeMessage(kind);
    this.#asked.add(messageKey(id));
    return message;
  }

  /** A datagram came. */
  receive(datagram: Buffer, from: string): void {
    if (this.#ended || datagram.length > mostReplyBytes) return;
    const sender = this.#sender(from);
    if (sender === null || sender.replies >= mostRepliesPerSender) return;
    if (this.#replies >= mostReplies || this.#bytes + datagram.length > mostBytes) {
      this.#full = true;
      return;
    }
    sender.replies++;
    this.#replies++;
    this.#bytes += datagram.length;
    const reply = readReply(datagram);
    if (reply === null || !this.#asked.has(reply.relatesTo)) return;
    const accepted = this.#accepts(from);
    if (accepted) this.#answered.add(from);
    for (const match of reply.matches) {
      const device = deviceOf(match, from, (address) => this.#networks.isOwn(address));
      if (device === null) continue;
      if (accepted) this.#take(device, sender, rankOf(device.address, match));
      else if (isHousehold(from) && !this.#networks.isAttached(from) && this.#elsewhere.size < 8)
        this.#elsewhere.add(from);
    }
  }

  /** A device that was found in another way than by a reply. */
  add(device: FoundDevice): void {
    const sender = this.#sender(device.address);
    if (!this.#ended && sender !== null) this.#take(device, sender, 0);
  }

  /** Tells what was held back; what was seen and can't be used, in words. */
  end(): string[] {
    if (!this.#ended) for (const entry of new Set(this.#entries.values())) this.#tell(entry);
    this.cancel();
    const problems = [...this.#elsewhere].map(
      (address) =>
        `A camera at ${address} answered, but that address is outside the networks of this machine. Give the camera an address of your network, with its maker's program.`,
    );
    if (this.#full)
      problems.push('So many replies came that not all were read. Type the address of a camera that is missing.');
    return problems;
  }

  cancel(): void {
    this.#ended = true;
    for (const { timer } of this.#entries.values()) if (timer) clearTimeout(timer);
  }

  #sender(from: string): { replies: number; devices: number } | null {
    const known = this.#perSender.get(from);
    if (known) return known;
    // A sender that invents sources fills this list, not the memory.
    if (this.#perSender.size >= mostReplies) return null;
    const fresh = { replies: 0, devices: 0 };
    this.#perSender.set(from, fresh);
    return fresh;
  }

  /** One device: the same endpoint over any address, or the same service whatever it calls itself. */
  #take(device: FoundDevice, sender: { devices: number }, rank: number): void {
    const endpoint = messageKey(device.endpoint);
    const entry = this.#entries.get(endpoint) ?? this.#entries.get(device.url);
    if (!entry) {
      if (this.#devices >= mostDevices || sender.devices >= mostDevicesPerSender) {
        this.#full = true;
        return;
      }
      this.#devices++;
      sender.devices++;
    }
    const here = entry ?? { device, rank, told: false, timer: null };
    if (!here.told && rank < here.rank)
      Object.assign(here, { device: { ...device, endpoint: here.device.endpoint }, rank });
    this.#entries.set(endpoint, here);
    this.#entries.set(device.url, here);
    if (here.told) return;
    if (here.rank === 0) this.#tell(here);
    else
      here.timer ??= setTimeout(() => {
        this.#tell(here);
      }, betterAddressMs);
  }

  #tell(entry: Entry): void {
    if (entry.told || this.#ended) return;
    entry.told = true;
    if (entry.timer) clearTimeout(entry.timer);
    this.#onFound(entry.device);
  }
}

/** 0 is best: told at once. IPv4 before IPv6, real networks before link-local and loopback; named before rewritten. */
function rankOf(address: string, match: ProbeMatch): number {
  const kind = isIPv4(address) ? (/^(169\.254|127)\./.test(address) ? 2 : 0) : /^fe[89ab]/i.test(address) ? 3 : 1;
  return 2 * kind + (match.addresses.length === 0 || namesItself(match, address) ? 0 : 1);
}
