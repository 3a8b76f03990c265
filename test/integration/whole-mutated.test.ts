/** Two cameras whose bytes arrive damaged, 500 times: the hub never dies, a worker that does is back within 3 s, and the pictures return. */
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startHub, until, type HubProcess } from '../support/hub-process.ts';
import { startMutatingProxy, type MutatingProxy } from '../support/mutating-proxy.ts';
import { seededRandom } from '../support/random.ts';
import { skipFor, whyNoProc } from '../support/tools.ts';
import { startVirtualCamera } from '../support/virtual-camera.ts';
import { workerPids } from '../support/worker-pids.ts';

const wantedMutations = 500;

describe.skipIf(skipFor('500 mutated streams', whyNoProc))('a camera that sends garbage', () => {
  let camera: Awaited<ReturnType<typeof startVirtualCamera>>;
  let proxy: MutatingProxy;
  let hub: HubProcess;
  const ids: string[] = [];

  beforeAll(async () => {
    camera = await startVirtualCamera({});
    proxy = await startMutatingProxy(Number(new URL(camera.url.replace('rtsp', 'http')).port), seededRandom(7));
    hub = await startHub({ port: 29_650 });
    const through = (url: string): string => url.replace(/:\d+\//, `:${proxy.port}/`);
    for (const name of ['Broken cable', 'Bad switch']) {
      const added = await hub.call<{ id: string }>('POST', '/api/cameras', {
        name,
        url: through(camera.url),
        subUrl: through(camera.subUrl),
      });
      ids.push(added.id);
    }
  });

  afterAll(async () => {
    await hub.stop();
    await proxy.stop();
    await camera.stop();
  });

  const live = async (): Promise<boolean> =>
    (await hub.call<{ cameras: { state: string }[] }>('GET', '/api/cameras')).cameras.every(
      ({ state }) => state === 'live',
    );

  it(`survives ${wantedMutations} mutations`, async () => {
    await until('the cameras are live', 30, live);
    const watched = ['recorder', 'analyser'];
    const before = workerPids(hub.pid);
    proxy.setRate(0.3);
    let restarts = 0;
    let known = before;
    await until(`${wantedMutations} mutations`, 240, async () => {
      expect(existsSync(`/proc/${hub.pid}`), 'the hub lives').toBe(true);
      const now = workerPids(hub.pid);
      for (const name of watched) {
        if (now.get(name) === known.get(name)) continue;
        restarts++;
        await until(`the ${name} is back`, 3, () => Promise.resolve(workerPids(hub.pid).has(name)));
      }
      known = workerPids(hub.pid);
      return proxy.mutations() >= wantedMutations;
    });
    console.log(`${proxy.mutations()} mutations, ${restarts} worker restarts`);
    expect(known.get('recorder'), 'the recorder has no native code to crash').toBe(before.get('recorder'));
    proxy.setRate(0);
    const cleanMs = Date.now();
    await until('the pictures return', 45, live);
    await until('recording goes on', 45, async () => {
      const { spans } = await hub.call<{ spans: { cameraId: string; endMs: number }[] }>(
        'GET',
        `/api/recordings?from=${cleanMs}&to=${Date.now() + 60_000}`,
      );
      return ids.every((id) => spans.some((span) => span.cameraId === id && span.endMs > cleanMs + 2_000));
    });
  }, 400_000);
});
