/** Questions to the ONVIF process are answered once, whatever becomes of it; it runs only while it is needed. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newCameraId } from '#core/domain/ids.ts';
import type { FoundDevice, OnvifTarget, WatchStatus } from '#core/domain/onvif.ts';
import { OnvifLink } from '#core/hub/onvif-link.ts';
import { FakeOnvifChild } from '../../support/fake-onvif-child.ts';

const target: OnvifTarget = { url: 'http://10.0.0.2/x', username: null, password: null, cameraName: 'Porch' };
const device: FoundDevice = {
  endpoint: 'urn:uuid:1',
  url: 'http://10.0.0.2/onvif/device_service',
  address: '10.0.0.2',
  name: null,
  make: null,
  model: null,
  location: null,
};
let children: FakeOnvifChild[];
let link: OnvifLink;
const child = (): FakeOnvifChild => children.at(-1) ?? new FakeOnvifChild();

beforeEach(async () => {
  children = [];
  link = new OnvifLink({
    makeChild() {
      const made = new FakeOnvifChild();
      children.push(made);
      return made;
    },
    idleMs: 20,
  });
  await link.start();
});
afterEach(async () => {
  await link.stop();
});

describe('a question', () => {
  it('starts the process and is answered by it', async () => {
    expect(children).toHaveLength(0);
    const answer = link.call('clock', target, {});
    const { requestId, operation } = child().last('call');
    expect(operation).toBe('clock');
    child().say({ type: 'answer', requestId, output: { cameraMs: 1, offsetMs: 0, timeZone: null, source: 'ntp' } });
    expect(await answer).toMatchObject({ cameraMs: 1 });
  });

  it('fails with what the camera answered', async () => {
    const answer = link.call('describe', target, {});
    const { requestId } = child().last('call');
    child().say({ type: 'failed', requestId, code: 'camera_wrong_password', message: 'No.' });
    await expect(answer).rejects.toMatchObject({ code: 'camera_wrong_password', message: 'No.' });
  });

  it('fails at once when the process dies, and the next one is answered by the new process', async () => {
    const lost = Promise.allSettled([link.call('clock', target, {}), link.discover(null, 1_000, () => undefined)]);
    child().die();
    for (const one of await lost) expect(one).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } });
    await expect(link.call('clock', target, {})).rejects.toMatchObject({ code: 'unavailable' });
    child().start();
    const answer = link.call('reboot', target, {});
    child().say({ type: 'answer', requestId: child().last('call').requestId, output: { message: 'ok' } });
    expect(await answer).toEqual({ message: 'ok' });
  });

  it('whose asker goes away is cancelled in the process', async () => {
    const gone = new AbortController();
    const answer = link.call('describe', target, {}, { signal: gone.signal });
    gone.abort();
    await expect(answer).rejects.toMatchObject({ code: 'unavailable' });
    expect(child().last('cancel').requestId).toBe(child().last('call').requestId);
    await expect(link.call('clock', target, {}, { signal: gone.signal })).rejects.toMatchObject({
      code: 'unavailable',
    });
  });

  it('beyond the 64 that may wait is refused', async () => {
    const waiting = Array.from({ length: 64 }, () => link.call('clock', target, {}));
    await expect(link.call('clock', target, {})).rejects.toMatchObject({ code: 'too_many' });
    child().die();
    await Promise.allSettled(waiting);
  });

  it('before the start and after the stop is refused', async () => {
    await link.stop();
    await expect(link.call('clock', target, {})).rejects.toMatchObject({ code: 'unavailable' });
    expect(children).toHaveLength(0);
  });
});

describe('a search', () => {
  it('tells each device as it is found, and its problems at the end', async () => {
    const found: FoundDevice[] = [];
    const search = link.discover('10.0.0.0/24', 1_000, (one) => found.push(one));
    const { requestId } = child().last('discover');
    child().say({ type: 'found', requestId, device });
    expect(found).toEqual([device]);
    child().say({ type: 'found', requestId: requestId + 1, device });
    child().say({ type: 'discovered', requestId, problems: ['eth1: no multicast'] });
    expect(await search).toEqual(['eth1: no multicast']);
    child().say({ type: 'found', requestId, device });
    expect(found).toHaveLength(1);
  });
});

it('a camera that shows a certificate for the first time is told with its address', async () => {
  const heard: unknown[] = [];
  link.firstCertificate.on((shown) => heard.push(shown));
  const answer = link.call('clock', { ...target, pins: {}, cameraId: newCameraId() }, {});
  const { cameraId } = child().last('call').target;
  if (cameraId === undefined) throw new Error('the process does not know whose certificate it is');
  child().say({ type: 'certificate', cameraId, address: '10.0.0.2:443', fingerprint: 'AA:01' });
  expect(heard).toMatchObject([{ cameraId, address: '10.0.0.2:443', fingerprint: 'AA:01' }]);
  child().die();
  await answer.catch((error: unknown) => error);
});

describe('the process', () => {
  it('is let go when nobody asked for a while, and kept while a camera of the home speaks ONVIF', async () => {
    const answer = link.call('clock', target, {});
    child().die();
    await answer.catch((error: unknown) => error);
    child().start();
    await expect.poll(() => child().running).toBe(false);
    link.watch([], true);
    expect(children).toHaveLength(2);
    // Another one with the same patience, which nobody needs, is gone first.
    const idle = new FakeOnvifChild();
    const other = new OnvifLink({ makeChild: () => idle, idleMs: 40 });
    await other.start();
    other.watch([], true);
    other.watch([], false);
    await expect.poll(() => idle.running).toBe(false);
    await other.stop();
    expect(child().running).toBe(true);
    link.watch([], false);
    await expect.poll(() => child().running).toBe(false);
  });

  it('is told what to watch at every start, and only when that changed', () => {
    const cameraId = newCameraId();
    link.watch([{ cameraId, target }], true);
    expect(child().last('watch').cameras).toEqual([{ cameraId, target }]);
    const told = child().told.length;
    link.watch([{ cameraId, target }], true);
    expect(child().told).toHaveLength(told);
    child().die();
    child().start();
    expect(child().told.filter(({ type }) => type === 'watch')).toHaveLength(2);
  });

  it('that dies leaves its subscriptions as connecting; what it says of cameras that are not watched is not told', () => {
    const cameraId = newCameraId();
    const states: WatchStatus['state'][] = [];
    link.watchStatus.on(({ state }) => states.push(state));
    link.watch([{ cameraId, target }], true);
    const status = { state: 'watching', via: 'pull', message: null } as const;
    child().say({ type: 'watch-status', status: { cameraId, ...status } });
    child().say({ type: 'watch-status', status: { cameraId: newCameraId(), ...status } });
    expect(link.state(cameraId)?.state).toBe('watching');
    child().die();
    expect(states).toEqual(['watching', 'connecting']);
    expect(link.state(cameraId)).toBeNull();
  });

  it('watches a camera anew when a person says so', () => {
    const [one, other] = [newCameraId(), newCameraId()];
    link.watch(
      [one, other].map((cameraId) => ({ cameraId, target })),
      true,
    );
    link.watchAgain(one);
    const lists = child().told.flatMap((message) => (message.type === 'watch' ? [message.cameras.length] : []));
    expect(lists.slice(-2)).toEqual([1, 2]);
  });
});
