/**
 * The parameter sets of a video track as they came, in the description or in the stream, and the configuration they make.
 * Invariant: a set that can't be parsed never replaces one that could; the number kept is bounded.
 */
import type { VideoConfig } from '#core/domain/media.ts';
import { BitReader, BitsExhausted, unescapeNal } from './bit-reader.ts';
import { parseH264Sps, type SpsInfo } from './h264-sps.ts';
import { parseH265Sps } from './h265-sps.ts';

type Role = 'vps' | 'sps' | 'pps';
const order: Role[] = ['vps', 'sps', 'pps'];
const maxSets = 32;

export class VideoParameters {
  readonly codec: 'h264' | 'h265';
  /** Something differs from the last configuration that was built. */
  changed = false;
  /** Of the newest SPS. */
  sps: SpsInfo | null = null;
  readonly #sets = new Map<string, { role: Role; nal: Uint8Array }>();

  constructor(codec: 'h264' | 'h265') {
    this.codec = codec;
  }

  /** Takes a NAL unit (owned). Returns false when it is none of the sets or can't be parsed. */
  add(nal: Uint8Array): boolean {
    const role = this.#role(nal);
    if (role === null) return false;
    const sps = role === 'sps' ? this.#parseSps(nal) : null;
    if (role === 'sps' && sps === null) return false;
    const id = sps?.id ?? this.#id(nal, role);
    if (id === null) return false;
    const key = `${role}${id}`;
    const old = this.#sets.get(key);
    if (sps) this.sps = sps;
    if (old && Buffer.compare(old.nal, nal) === 0) return true;
    if (!old && this.#sets.size >= maxSets) return false;
    this.#sets.set(key, { role, nal });
    this.changed = true;
    return true;
  }

  /** Null while a set is missing. Clears `changed` otherwise. */
  build(): VideoConfig | null {
    const byRole = (role: Role): Uint8Array[] =>
      [...this.#sets.entries()]
        .filter(([, set]) => set.role === role)
        .sort(([a], [b]) => a.localeCompare(b))
        .map(([, set]) => set.nal);
    const sets = order.map(byRole);
    const complete = sets.every((list, i) => list.length > 0 || (this.codec === 'h264' && order[i] === 'vps'));
    if (!complete || this.sps === null) return null;
    this.changed = false;
    const { codecString, width, height } = this.sps;
    return { codec: this.codec, codecString, width, height, parameterSets: sets.flat() };
  }

  #role(nal: Uint8Array): Role | null {
    const header = nal[0] ?? 0;
    if (this.codec === 'h264') {
      const type = header & 31;
      return type === 7 ? 'sps' : type === 8 ? 'pps' : null;
    }
    return order[((header >> 1) & 63) - 32] ?? null;
  }

  #parseSps(nal: Uint8Array): SpsInfo | null {
    return this.codec === 'h264' ? parseH264Sps(nal) : parseH265Sps(nal);
  }

  #id(nal: Uint8Array, role: Role): number | null {
    const reader = new BitReader(unescapeNal(nal.subarray(0, 16), this.codec === 'h264' ? 1 : 2));
    try {
      const id = role === 'vps' ? reader.bits(4) : reader.unsigned();
      return id <= 255 ? id : null;
    } catch (error) {
      if (error instanceof BitsExhausted) return null;
      throw error;
    }
  }
}

/** Parameter sets in an SDP format: `sprop-parameter-sets` (H.264) or `sprop-vps/sps/pps` (H.265), base64. */
export function spropSets(parameters: ReadonlyMap<string, string>): Uint8Array[] {
  const names = ['sprop-parameter-sets', 'sprop-vps', 'sprop-sps', 'sprop-pps'];
  const found: Uint8Array[] = [];
  for (const name of names) {
    for (const text of (parameters.get(name) ?? '').split(',')) {
      const nal = stripStartCode(Buffer.from(text.trim(), 'base64'));
      if (nal.length > 3 && nal.length <= 4096) found.push(nal);
    }
  }
  return found;
}

function stripStartCode(bytes: Buffer): Buffer {
  let zeros = 0;
  while (bytes[zeros] === 0) zeros++;
  return zeros >= 2 && bytes[zeros] === 1 ? bytes.subarray(zeros + 1) : bytes;
}
