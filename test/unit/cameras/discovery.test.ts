import { describe, expect, test } from 'vitest';
import { HubError } from '#core/base/errors.ts';
import { parseCameraUrl } from '#core/domain/camera-url.ts';
import type { FoundDevice } from '#core/domain/onvif.ts';
import { ownNetworks, serviceUrl } from '#core/cameras/onvif/discovery-address.ts';
import { DiscoveryDesk } from '#core/cameras/onvif/discovery-desk.ts';
import { deviceOf, readReply } from '#core/cameras/onvif/discovery-reply.ts';
import { readTarget } from '#core/cameras/onvif/discovery-target.ts';
import {
  makers,
  mistakes,
  noReplies,
  notCameras,
  probeMatchReply,
  probeMatchSeeds,
} from '../../support/onvif-corpus/probe-matches.ts';
import { seededRandom } from '../../support/random.ts';

const home = ownNetworks({
  lo: [address('127.0.0.1', 8, true)],
  eth0: [address('192.168.1.2', 24), address('fe80::2', 64), address('fd12::2', 64)],
  docker0: [address('172.17.0.1', 16)],
});
const nobody = (): boolean => false;

describe('a reply to a search', () => {
  test.each([...makers, ...mistakes])('of a camera: $name', ({ reply, from, device }) => {
    const found = readReply(reply('urn:uuid:aa'))!;
    expect(found.relatesTo).toBe('aa');
    const read = deviceOf(found.matches[0]!, from, nobody);
    expect(read).toMatchObject({ ...device });
    expect(parseCameraUrl(read!.url).url).toBe(read!.url);
  });

  test.each(notCameras)('F23: $name is not a camera', ({ reply, from }) => {
    const found = readReply(reply('urn:uuid:aa'))!;
    expect(found.matches.map((match) => deviceOf(match, from, nobody))).toEqual([null]);
  });

  test.each(noReplies)('is none: $name', ({ text }) => {
    expect(readReply(text('urn:uuid:aa'))).toBeNull();
  });

  test('F23: mutated replies neither throw nor name another host, and what they say stays short', () => {
    const random = seededRandom(23);
    const pick = (below: number): number => Math.floor(random() * below);
    let read = 0;
    for (let i = 0; i < 1_000; i++) {
      const bytes = Buffer.from(probeMatchSeeds[pick(probeMatchSeeds.length)]!.slice(0, 8_000));
      for (let n = pick(3); n >= 0 && bytes.length > 0; n--) bytes[pick(bytes.length)] = pick(256);
      for (const match of readReply(bytes.subarray(0, bytes.length - (i % 4 === 0 ? pick(bytes.length + 1) : 0)))
        ?.matches ?? []) {
        const device = deviceOf(match, '192.168.1.50', nobody);
        if (!device) continue;
        read++;
        expect(new URL(device.url).hostname).toBe('192.168.1.50');
        for (const text of [device.name, device.make, device.model, device.location])
          expect((text ?? '').length).toBeLessThanOrEqual(64);
      }
    }
    expect(read).toBeGreaterThan(100);
  });

  test('a program on this machine may name another of its addresses, a camera may not', () => {
    const named = ['http://127.0.0.1:8081/onvif/device_service'];
    const local = serviceUrl(named, '192.168.1.2', (address) => home.isOwn(address));
    expect(local).toEqual({ url: named[0], address: '127.0.0.1' });
    const camera = serviceUrl(named, '192.168.1.9', (address) => home.isOwn(address));
    expect(camera).toEqual({ url: 'http://192.168.1.9:8081/onvif/device_service', address: '192.168.1.9' });
  });
});

describe('folding of replies', () => {
  test('F23: one camera over two networks, twice each, in two editions, is told once', () => {
    const { desk, found, answer } = search();
    for (const from of ['192.168.1.64', '172.17.0.5'])
      for (const kind of ['transmitter', 'any-1.1'] as const)
        answer(kind, from, {
          addresses: 'http://192.168.1.64/onvif/device_service http://172.17.0.5/onvif/device_service',
        });
    expect(desk.end()).toEqual([]);
    expect(found.map(({ url }) => url)).toEqual(['http://192.168.1.64/onvif/device_service']);
  });

  test('F23: a camera that makes up a new endpoint for each answer is told once', () => {
    const { desk, found, answer } = search();
    for (let i = 0; i < 5; i++)
      answer('any', '192.168.1.64', {
        endpoint: `urn:uuid:${i}`,
        addresses: 'http://192.168.1.64/onvif/device_service',
      });
    desk.end();
    expect(found).toHaveLength(1);
  });

  test('IPv4 is told instead of the IPv6 link-local address that answered first; that one where it is the only way', () => {
    const { desk, found, answer } = search();
    answer('any', 'fe80::9%eth0', { endpoint: 'urn:uuid:1', addresses: 'http://192.168.1.9/onvif/device_service' });
    answer('any', 'fe80::8%eth0', { endpoint: 'urn:uuid:2' });
    expect(found).toEqual([]);
    answer('any', '192.168.1.9', { endpoint: 'urn:uuid:1', addresses: 'http://192.168.1.9/onvif/device_service' });
    expect(found.map(({ address }) => address)).toEqual(['192.168.1.9']);
    desk.end();
    expect(found[1]!.url).toBe('http://[fe80::8%25eth0]/onvif/device_service');
    expect(found).toHaveLength(2);
  });

  test('two cameras behind one host at two ports are two', () => {
    const { desk, found, answer } = search();
    for (const port of [8081, 8082])
      answer('any', '192.168.1.5', {
        endpoint: `urn:uuid:${port}`,
        addresses: `http://192.168.1.5:${port}/onvif/device_service`,
      });
    desk.end();
    expect(found.map(({ url }) => new URL(url).port)).toEqual(['8081', '8082']);
  });

  test('an answer to nobody, to somebody else or from outside the networks of this machine is no device', () => {
    const { desk, found, answer } = search();
    desk.receive(Buffer.from(probeMatchReply('urn:uuid:somebody-else', {})), '192.168.1.9');
    answer('any', '203.0.113.7', {});
    answer('any', '8.8.8.8', {});
    answer('any', '192.168.77.108', {});
    const problems = desk.end();
    expect(found).toEqual([]);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain('192.168.77.108');
  });

  test('F23: a flood from one host leaves room for the others, and the end says that not all was read', () => {
    const { desk, found, answer } = search();
    for (let i = 0; i < 3_000; i++)
      answer('any', '192.168.1.66', { endpoint: `urn:uuid:f${i}`, addresses: `http://192.168.1.66:${1_000 + i}/x` });
    answer('any', '192.168.1.9', { endpoint: 'urn:uuid:good', addresses: 'http://192.168.1.9/onvif/device_service' });
    expect(desk.end().join()).toContain('So many replies');
    expect(found.at(-1)!.address).toBe('192.168.1.9');
    expect(found).toHaveLength(65);
  });

  test('after it was cancelled nothing is told', () => {
    const { desk, found, answer } = search();
    answer('any', 'fe80::8%eth0', {});
    desk.cancel();
    answer('any', '192.168.1.9', { endpoint: 'urn:uuid:2', addresses: 'http://192.168.1.9/onvif/device_service' });
    desk.end();
    expect(found).toEqual([]);
  });
});

describe('the place to search that a person typed', () => {
  test.each([
    ['192.168.1.20', { kind: 'host', host: '192.168.1.20', port: null }],
    [' Porch.Fritz.box ', { kind: 'host', host: 'porch.fritz.box', port: null }],
    ['192.168.1.20:8899', { kind: 'host', host: '192.168.1.20', port: 8899 }],
    ['fe80::1%eth0', { kind: 'host', host: 'fe80::1%eth0', port: null }],
    ['[fd12::5]:8080', { kind: 'host', host: 'fd12::5', port: 8080 }],
    ['8.8.8.8', { kind: 'host', host: '8.8.8.8', port: null }],
  ])('%s', (typed, target) => {
    expect(readTarget(typed, home)).toEqual(target);
  });

  test('a network, a range by its last number, and a single address written as a network', () => {
    expect(addresses('192.168.1.0/24')).toHaveLength(254);
    expect(addresses('192.168.1.77/30')).toEqual(['192.168.1.77', '192.168.1.78']);
    expect(addresses('192.168.1.9-11')).toEqual(['192.168.1.9', '192.168.1.10', '192.168.1.11']);
    expect(addresses('192.168.1.9/32')).toEqual(['192.168.1.9']);
    expect(addresses('172.17.0.0/22')).toHaveLength(1_022);
    expect(addresses('127.0.0.1-3')).toHaveLength(3);
  });

  test.each([
    ['172.17.0.0/16', /at most 1024/],
    ['10.0.0.0/24', /not in a home network .* 192\.168\.1\.2\/24/],
    ['192.168.0.0/23', /not in a home network/],
    ['192.168.1.250-300', /192\.168\.1\.20-40/],
    ['192.168.1.20-10', /192\.168\.1\.20-40/],
    ['8.8.8.0/24', /not in a home network/],
    ['0.0.0.0/0', /192\.168\.1\.0\/24/],
    ['192.168.1.0/33', /192\.168\.1\.0\/24/],
    ['239.255.255.250', /not the address of one device/],
    ['255.255.255.255', /not the address of one device/],
    ['0.0.0.0', /not the address of one device/],
    ['::', /not the address of one device/],
    ['ff02::c', /not the address of one device/],
    ['300.1.1.1', /no address/],
    ['http://192.168.1.20/', /no address/],
    ['a b', /no address/],
    ['-rf', /no address/],
    ['', /no address/],
    ['192.168.1.20:0', /port/],
  ])('is refused in words: %s', (typed, words) => {
    const refusal = refused(() => readTarget(typed, home));
    expect(refusal.code).toBe('bad_request');
    expect(refusal.message).toMatch(words);
  });

  test('a network of public addresses is not searched even where this machine is on it', () => {
    const office = ownNetworks({ eth0: [address('203.0.113.5', 24)] });
    expect(refused(() => readTarget('203.0.113.0/24', office)).message).toContain('not in a home network');
  });
});

type Interface = NonNullable<NonNullable<Parameters<typeof ownNetworks>[0]>[string]>[number];

function address(text: string, prefix: number, internal = false): Interface {
  const common = { address: text, netmask: '', mac: '', internal, cidr: `${text}/${prefix}` };
  return text.includes(':') ? { ...common, family: 'IPv6', scopeid: 2 } : { ...common, family: 'IPv4' };
}

function search(): {
  desk: DiscoveryDesk;
  found: FoundDevice[];
  answer: (kind: 'any' | 'any-1.1' | 'transmitter', from: string, parts: Parameters<typeof probeMatchReply>[1]) => void;
} {
  const found: FoundDevice[] = [];
  const desk = new DiscoveryDesk(
    home,
    (from) => home.isAttached(from),
    (device) => found.push(device),
  );
  const ids = new Map<string, string>();
  return {
    desk,
    found,
    answer(kind, from, parts) {
      const id = ids.get(kind) ?? /MessageID>([^<]+)</.exec(desk.question(kind).toString())![1]!;
      ids.set(kind, id);
      desk.receive(Buffer.from(probeMatchReply(id, parts)), from);
    },
  };
}

function addresses(typed: string): string[] {
  const target = readTarget(typed, home);
  return target.kind === 'range' ? target.addresses : [];
}

function refused(call: () => unknown): HubError {
  try {
    call();
  } catch (error) {
    if (error instanceof HubError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
