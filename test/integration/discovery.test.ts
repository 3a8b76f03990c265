/**
 * Searching in a small network of its own: a recorder on two networks, with a container bridge; cameras, a printer, a flooder
 * and liars. And on this machine alone: that a search ends when it should.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { discover } from '#core/cameras/onvif/discovery.ts';
import type { FoundDevice } from '#core/domain/onvif.ts';
import type { SearchInput } from '../support/discovery-runner.ts';
import type { Responder, ResponderInput } from '../support/discovery-responder.ts';
import { TestNetwork, whyNoNamespaces } from '../support/network-namespaces.ts';
import { skipFor } from '../support/tools.ts';

const runner = join(import.meta.dirname, '../support/discovery-runner.ts');
const responder = join(import.meta.dirname, '../support/discovery-responder.ts');
const service = (host: string): string => `http://${host}/onvif/device_service`;

const yard = 'urn:uuid:00000000-0000-0000-0000-00000000aa11';
const none: Outcome = { found: [], problems: [], tookMs: NaN, refused: null };
const devices: Responder[] = [
  // one camera on both networks, over IPv4 and IPv6
  { address: '10.77.4.11', endpoint: yard, addresses: `${service('10.77.4.11')} ${service('10.77.5.11')}` },
  { address: '10.77.5.11', endpoint: yard, addresses: `${service('10.77.4.11')} ${service('10.77.5.11')}` },
  { address: 'fe80::77:11%eth0', endpoint: yard, addresses: `${service('10.77.4.11')} ${service('[fe80::77:11]')}` },
  { address: '10.77.4.20', endpoint: 'urn:uuid:aa20', addresses: service('10.77.4.20'), replies: 3 },
  {
    address: '10.77.4.21',
    endpoint: 'urn:uuid:aa21',
    types: 'wsdp:Device wprt:PrintDeviceType',
    addresses: 'http://10.77.4.21:5357/x',
  },
  { address: '10.77.4.22', endpoint: 'urn:uuid:aa22', addresses: service('127.0.0.1') },
  {
    address: '10.77.4.23',
    endpoint: 'urn:uuid:aa23',
    addresses: 'http://10.77.4.23:1/x',
    replies: 400,
    restless: true,
  },
  {
    address: 'fe80::77:24%eth0',
    endpoint: 'urn:uuid:aa24',
    addresses: 'http://[fe80::77:24]:8080/onvif/device_service',
  },
  { address: '10.77.4.26', endpoint: 'urn:uuid:aa26', addresses: service('10.77.4.26'), unicastOnly: true },
  { address: '192.168.99.9', endpoint: 'urn:uuid:aa99', addresses: service('192.168.99.9') },
  { address: '9.9.9.9', endpoint: 'urn:uuid:aa09', addresses: service('9.9.9.9') },
];
const world: ResponderInput = {
  listen: ['10.77.4.11', '10.77.5.11'],
  zone: 'eth0',
  devices,
  web: [
    { address: '10.77.4.25', port: 8899, answer: 'onvif' },
    { address: '10.77.4.20', port: 80, answer: 'onvif' },
    { address: '10.77.4.30', port: 80, answer: 'page' },
    { address: '10.77.4.31', port: 80, answer: 'locked' },
  ],
};

type RunnerLine = Partial<Outcome> & { index?: number; device?: FoundDevice; afterMs?: number; sockets?: number };
interface Outcome {
  found: (FoundDevice & { afterMs: number })[];
  problems: string[];
  tookMs: number;
  refused: string | null;
}

describe.skipIf(skipFor('searching a network', whyNoNamespaces))('in a network', () => {
  let network: TestNetwork;
  const credentials: unknown[] = [];

  beforeAll(async () => {
    const four = (last: number): string => `10.77.4.${last}/24`;
    const recorder = (name: string, address: string) => ({ host: 'rec', name, to: name, addresses: [address] });
    network = new TestNetwork(
      ['eth0', 'eth1'],
      [
        recorder('eth0', '10.77.4.1/24'),
        recorder('eth1', '10.77.5.1/24'),
        {
          host: 'dev',
          name: 'eth0',
          to: 'eth0',
          addresses: [
            ...[11, 20, 21, 22, 23, 25, 26, 30, 31].map(four),
            '192.168.99.9/24',
            '9.9.9.9/32',
            'fe80::77:11/64',
            'fe80::77:24/64',
          ],
        },
        { host: 'dev', name: 'eth1', to: 'eth1', addresses: ['10.77.5.11/24'] },
      ],
    );
    network.ip('rec', 'link add docker0 type bridge', 'addr add 172.17.0.1/16 dev docker0', 'link set docker0 up');
    const ready = Promise.withResolvers<undefined>();
    network.start('dev', responder, world, (line) => {
      if (line === 'ready') ready.resolve(undefined);
      else credentials.push(line);
    });
    await ready.promise;
  });

  afterAll(async () => {
    await network.stop();
  });

  /** All at once, in one process on the recorder's host. */
  function search(...searches: SearchInput[]): Promise<Outcome[]> {
    const outcomes = searches.map((): Outcome => ({ found: [], problems: [], tookMs: 0, refused: null }));
    return new Promise((resolve, reject) => {
      let sockets = -1;
      const child = network.start('rec', runner, searches, (line) => {
        const { index, device, afterMs, ...rest } = line as RunnerLine;
        const outcome = outcomes[index ?? -1];
        if (rest.sockets !== undefined) sockets = rest.sockets;
        else if (device) outcome?.found.push({ ...device, afterMs: afterMs ?? NaN });
        else if (outcome) Object.assign(outcome, rest);
      });
      child.once('close', () => {
        if (sockets === 0) resolve(outcomes);
        else reject(new Error(`${sockets} sockets were left open`));
      });
    });
  }

  test('F23: two networks, a container bridge, duplicates, a printer, a flood and liars: each camera once, where it answers', async () => {
    const [{ found, problems, tookMs } = none] = await search({ address: null, timeoutMs: 2_500 });
    const usual = found.filter(({ address }) => address !== '10.77.4.23');
    const urls = usual.map(({ url }) => url).sort();
    const [seen = ''] = urls.filter((url) => /10\.77\.[45]\.11/.test(url));
    expect(urls).toEqual(
      [
        seen,
        service('10.77.4.20'),
        service('10.77.4.22'),
        'http://[fe80::77:24%25eth0]:8080/onvif/device_service',
      ].sort(),
    );
    expect(found.length - usual.length, 'devices that the flooder invented').toBeLessThanOrEqual(64);
    expect(usual.find(({ address }) => address === '10.77.4.20')!.afterMs, 'told as it answers').toBeLessThan(1_000);
    expect(problems.join(' ')).toContain('192.168.99.9');
    expect(problems.join(' ')).not.toContain('9.9.9.9 ');
    expect(tookMs).toBeLessThan(2_900);
  });

  test('a typed range: who answers only when asked, and who answers only over HTTP; nobody is sent a password', async () => {
    const [{ found, problems, tookMs } = none] = await search({ address: '10.77.4.0/27', timeoutMs: 6_000 });
    const addresses = new Set(found.map(({ address }) => address));
    for (const last of [11, 20, 22, 25, 26]) expect(addresses, `10.77.4.${last}`).toContain(`10.77.4.${last}`);
    expect([...addresses].some((address) => address.startsWith('10.77.4.21'))).toBe(false);
    expect(found.find(({ address }) => address === '10.77.4.25')!.url).toBe(
      'http://10.77.4.25:8899/onvif/device_service',
    );
    expect(problems).toEqual([]);
    expect(tookMs).toBeLessThan(6_100);
    expect(credentials).toEqual([]);
  });

  test('a typed address says what is there: a camera, a web page, a locked door, nobody', async () => {
    const all = ['10.77.4.25', '10.77.4.25:8899', '10.77.4.30', '10.77.4.31', '10.77.4.99', '10.77.5.11'];
    const [camera, atPort, page, locked, nobody, other] = await search(
      ...all.map((address) => ({ address, timeoutMs: 6_000 })),
    );
    expect(camera!.found.map(({ url }) => url)).toEqual(['http://10.77.4.25:8899/onvif/device_service']);
    expect(atPort!.found).toHaveLength(1);
    expect(page!.problems.join()).toContain('10.77.4.30 answers, but not as an ONVIF camera');
    expect(locked!.problems.join()).toContain('asks for a password at port 80');
    expect(nobody!.problems.join()).toContain('Nothing answers at 10.77.4.99');
    expect(other!.found.map(({ endpoint }) => endpoint)).toEqual([yard]);
  });

  test('a network that this machine is not on is refused; one that is too large for the time ends in time and says what was left', async () => {
    const [foreign, large] = await search(
      { address: '10.78.0.0/24', timeoutMs: 3_000 },
      { address: '172.17.0.0/22', timeoutMs: 1_000 },
    );
    expect(foreign!.refused).toContain('10.77.4.1/24');
    expect(large!.tookMs).toBeLessThan(1_200);
    expect(large!.problems.join()).toMatch(/There was no time/);
  });

  test('a search that is cancelled leaves no socket behind, and tells nothing more', async () => {
    const outcomes = await search(
      { address: null, timeoutMs: 9_000, abortAfterMs: 150 },
      { address: '10.77.4.0/24', timeoutMs: 9_000, abortAfterMs: 150 },
    );
    for (const outcome of outcomes) {
      expect(outcome.tookMs).toBeLessThan(600);
      expect(outcome.found.every(({ afterMs }) => afterMs < 300)).toBe(true);
    }
  });

  test('a machine without a network says so, and one whose link is down as well', async () => {
    network.ip('rec', 'link set eth0 down', 'link set eth1 down', 'link del docker0');
    const [{ found, problems } = none] = await search({ address: null, timeoutMs: 400 });
    expect(found).toEqual([]);
    expect(problems.join(' ')).toMatch(/on no network|could not be searched/);
  });
});

test('a search that was cancelled before it began ends at once', async () => {
  const startedAt = performance.now();
  await discover({ address: null, timeoutMs: 5_000 }, () => undefined, AbortSignal.abort());
  expect(performance.now() - startedAt).toBeLessThan(500);
});
