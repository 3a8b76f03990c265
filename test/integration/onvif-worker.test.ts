import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CameraId } from '#core/domain/ids.ts';
import type { OnvifOperation, OnvifOperations, OnvifTarget, PtzCommand } from '#core/domain/onvif.ts';
import { startOnvifCamera } from '../support/onvif-camera.ts';
import { dome } from '../support/onvif-ptz-answers.ts';
import { OnvifProcess } from '../support/onvif-process.ts';
import { startSoapCamera, systemTime, type SoapCamera, type SoapScript } from '../support/soap-camera.ts';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function camera(script: SoapScript, services = ['media1', 'media2', 'ptz']): Promise<SoapCamera> {
  const started = await startSoapCamera(services, script);
  ends.push(() => started.stop());
  return started;
}

/** For all tests that leave it as it is: starting one takes longer than most of them. */
let worker: OnvifProcess;
beforeAll(() => {
  worker = new OnvifProcess();
});
afterAll(() => worker.end());

const at = ({ url }: SoapCamera, password = 'right'): OnvifTarget => ({
  url,
  username: 'viewer',
  password,
  cameraName: 'Porch',
});
const until = async (met: () => boolean, withinMs = 5_000): Promise<void> => {
  const endMs = performance.now() + withinMs;
  while (!met()) {
    if (performance.now() > endMs) throw new Error('it did not happen in time');
    await wait(5);
  }
};
const ptz = (command: PtzCommand) => ({ profile: null, command });
const pan = (speed: number, timeoutMs = 10_000): PtzCommand => ({
  action: 'move',
  velocity: { pan: speed, tilt: 0, zoom: 0 },
  timeoutMs,
});
const no = { fault: 'NotAuthorized' };
const refusing: SoapScript = { GetPresets: no, GetProfiles: no, GetDeviceInformation: no };

describe('the ONVIF process', () => {
  it('says it is ready, beats, answers, and ends when its parent is gone', async () => {
    const own = new OnvifProcess();
    const porch = await camera({});
    const { outcome } = own.ask(at(porch), 'clock', {});
    expect(await outcome).toMatchObject({ ok: true, output: { source: 'manual' } });
    await until(() => own.heard.some(({ type }) => type === 'heartbeat'));
    expect(own.heard[0]).toEqual({ type: 'ready' });
    own.child.disconnect();
    expect(await own.exited).toBe(0);
  });

  it('F15: a page that asks in a loop with a wrong password does not lock the account', async () => {
    const porch = await camera({ ...dome, ...refusing });
    const signed = (): number => porch.questions.filter(({ message }) => message.includes('UsernameToken')).length;
    const wrong = Array.from(
      { length: 20 },
      () => worker.ask(at(porch, 'wrong'), 'ptz_state', { profile: null }).outcome,
    );
    for (const outcome of await Promise.all(wrong))
      expect(outcome).toMatchObject({ ok: false, code: 'camera_wrong_password' });
    const tried = signed();
    expect(tried).toBeGreaterThan(0);
    expect(tried).toBeLessThanOrEqual(2);
    for (let n = 0; n < 10; n++) await worker.ask(at(porch, 'wrong'), 'encoders', {}).outcome;
    expect(signed()).toBe(tried);
    // Another password is another try, and the right one works at once.
    Object.assign(porch.script, dome);
    expect(await worker.ask(at(porch), 'ptz_state', { profile: null }).outcome).toMatchObject({ ok: true });
  });

  it('F15: what the subscription was told of the password, the questions believe', async () => {
    const porch = await camera(
      {
        ...refusing,
        CreatePullPointSubscription: no,
        GetVideoEncoderConfigurations: no,
        GetServices: ({ path }) =>
          `<tds:GetServicesResponse><tds:Service><tds:Namespace>http://www.onvif.org/ver10/events/wsdl</tds:Namespace><tds:XAddr>${path}</tds:XAddr></tds:Service><tds:Service><tds:Namespace>http://www.onvif.org/ver10/media/wsdl</tds:Namespace><tds:XAddr>${path}</tds:XAddr></tds:Service></tds:GetServicesResponse>`,
      },
      [],
    );
    worker.send({ type: 'watch', cameras: [{ cameraId: 'cwatchedcamer' as CameraId, target: at(porch, 'wrong') }] });
    await until(() => worker.heard.some((said) => said.type === 'watch-status' && said.status.state === 'refused'));
    const asked = porch.questions.length;
    expect(await worker.ask(at(porch, 'wrong'), 'encoders', {}).outcome).toMatchObject({
      code: 'camera_wrong_password',
    });
    expect(porch.questions.length).toBe(asked);
    worker.send({ type: 'watch', cameras: [] });
  });

  it('answers each question once: in time, cancelled, or by its deadline, and the rest goes on', async () => {
    const dead = await camera({ GetSystemDateAndTime: { silence: true } });
    const well = await camera({});
    const late = worker.ask(at(dead), 'clock', {}, 300);
    const cancelled = worker.ask(at(dead), 'clock', {}, 10_000);
    worker.send({ type: 'cancel', requestId: cancelled.requestId });
    const good = worker.ask(at(well), 'clock', {});
    expect(await good.outcome).toMatchObject({ ok: true });
    expect(await cancelled.outcome).toMatchObject({ ok: false, code: 'unavailable' });
    expect(await late.outcome).toMatchObject({ ok: false, code: 'camera_silent' });
    await worker.ask(at(well), 'clock', {}).outcome;
    for (const { requestId } of [late, cancelled, good]) expect(worker.answersTo(requestId)).toBe(1);
  });

  it('asks one camera at most two things at once', async () => {
    let [now, most] = [0, 0];
    const porch = await camera({
      ...dome,
      GetPresets: async () => {
        most = Math.max(most, ++now);
        await wait(20);
        now--;
        return '<tptz:GetPresetsResponse/>';
      },
    });
    const asked = Array.from({ length: 12 }, () => worker.ask(at(porch), 'ptz_state', { profile: null }).outcome);
    for (const outcome of await Promise.all(asked)) expect(outcome).toMatchObject({ ok: true });
    expect(most).toBe(2);
  });

  it('a stop overtakes what waits, and no move that was asked before it comes after it', async () => {
    const held = Promise.withResolvers<string>();
    const porch = await camera({ ...dome });
    expect(await worker.ask(at(porch), 'ptz', ptz({ action: 'stop' })).outcome).toMatchObject({ ok: true });
    porch.script['GetPresets'] = () => held.promise;
    const slow = [1, 2].map(() => worker.ask(at(porch), 'ptz_state', { profile: null }).outcome);
    await until(() => porch.count('GetPresets') === 2);
    const moves = [0.1, 0.2, 0.3].map((speed) => worker.ask(at(porch), 'ptz', ptz(pan(speed))).outcome);
    const goto = worker.ask(at(porch), 'ptz', ptz({ action: 'goto_preset', preset: '1' })).outcome;
    expect(await worker.ask(at(porch), 'ptz', ptz({ action: 'stop' })).outcome).toMatchObject({ ok: true });
    expect(porch.count('Stop')).toBe(2);
    held.resolve('<tptz:GetPresetsResponse/>');
    for (const outcome of await Promise.all([...slow, ...moves, goto])) expect(outcome).toMatchObject({ ok: true });
    expect(porch.count('ContinuousMove') + porch.count('GotoPreset')).toBe(0);
  });

  it('stops every camera it set moving before it ends, however it is ended', async () => {
    for (const end of ['stop', 'disconnect'] as const) {
      const own = new OnvifProcess();
      const [one, two] = [await camera({ ...dome }), await camera({ ...dome })];
      for (const each of [one, two])
        expect(await own.ask(at(each), 'ptz', ptz(pan(1))).outcome).toMatchObject({ ok: true });
      if (end === 'stop') own.send({ type: 'stop' });
      else own.child.disconnect();
      expect(await own.exited).toBe(0);
      expect([one.count('Stop'), two.count('Stop')]).toEqual([1, 1]);
    }
  });

  it('F17: a camera whose clock is a year off is signed with its own time, and set right', async () => {
    let offsetMs = -365 * 86_400_000;
    const created: number[] = [];
    const porch = await camera(
      {
        GetSystemDateAndTime: () => systemTime(Date.now() + offsetMs),
        SetSystemDateAndTime: ({ message }) => {
          created.push(Date.parse(/Created[^>]*>([^<]+)</.exec(message)?.[1] ?? ''));
          offsetMs = 0;
          return '<tds:SetSystemDateAndTimeResponse/>';
        },
      },
      [],
    );
    const { outcome } = worker.ask(at(porch), 'set_clock', {});
    expect(await outcome).toMatchObject({ ok: true, output: { source: 'manual' } });
    expect(Math.abs((created[0] ?? 0) - (Date.now() - 365 * 86_400_000))).toBeLessThan(10_000);
    const after = (await worker.ask(at(porch), 'clock', {}).outcome) as { output: { offsetMs: number } };
    expect(Math.abs(after.output.offsetMs)).toBeLessThan(5_000);
  });

  it('says what is wrong with an address it should search, and takes a search back', async () => {
    expect(await worker.discover('10.0.0.0/2', 500).outcome).toMatchObject({ ok: false, code: 'bad_request' });
    const search = worker.discover(null, 10_000);
    const startMs = performance.now();
    worker.send({ type: 'cancel', requestId: search.requestId });
    await search.outcome;
    expect(performance.now() - startMs).toBeLessThan(3_000);
  });
});

describe('the ONVIF process with the virtual camera', () => {
  it('describes, moves, adjusts, sets streams, clock and relay, takes a still', async () => {
    const porch = await startOnvifCamera({ username: 'viewer', password: 'p@ss:/?#%&"<', faults: [] });
    ends.push(() => porch.stop());
    const target = { url: porch.onvifUrl, username: 'viewer', password: 'p@ss:/?#%&"<', cameraName: 'Porch' };
    const get = async <N extends OnvifOperation>(operation: N, input: OnvifOperations[N]['input']) => {
      const outcome = await worker.ask(target, operation, input, 10_000).outcome;
      if (!outcome.ok) throw new Error(`${operation}: ${outcome.code} ${outcome.message}`);
      return outcome.output as OnvifOperations[N]['output'];
    };
    const described = await get('describe', {});
    expect(described.problems).toEqual([]);
    expect(described.ptz).toMatchObject({ continuous: true, relative: true, absolute: true, centre: true, home: true });

    await get('ptz', ptz({ action: 'absolute', to: { pan: 0.4, tilt: -0.2, zoom: 0.5 } }));
    const position = async () => (await get('ptz_state', { profile: null })).position;
    for (let n = 0; n < 200 && Math.abs(((await position())?.pan ?? 0) - 0.4) > 0.01; n++) await wait(20);
    await get('ptz', ptz({ action: 'save_preset', name: 'Tor & Weg' }));
    const { presets } = await get('ptz_state', { profile: null });
    const saved = presets.find(({ name }) => name === 'Tor & Weg');
    expect(saved).toBeDefined();
    await get('ptz', ptz({ action: 'rename_preset', preset: saved?.token ?? '', name: 'Gate' }));
    expect((await get('ptz_state', { profile: null })).presets).toContainEqual({ token: saved?.token, name: 'Gate' });
    await get('ptz', ptz({ action: 'delete_preset', preset: saved?.token ?? '' }));
    await get('ptz', ptz(pan(-1, 300)));
    expect((await porch.figures()).ptz.moving).toBe(true);
    for (let n = 0; n < 200 && (await porch.figures()).ptz.moving; n++) await wait(20);
    expect((await porch.figures()).ptz.moving).toBe(false);

    const { abilities } = await get('imaging_state', { source: null });
    const brightest = abilities.brightness?.max ?? 0;
    expect(await get('imaging', { source: null, change: { brightness: brightest, irCut: 'off' } })).toMatchObject({
      brightness: brightest,
      irCut: 'off',
    });
    const [main] = await get('encoders', {});
    expect(main?.options.sizes.length).toBeGreaterThan(0);
    const changed = await get('change_encoder', {
      token: main?.token ?? '',
      keyframeEvery: 30,
      bitsPerSecond: 1_000_000,
    });
    expect(changed).toMatchObject({ keyframeEvery: 30, bitsPerSecond: 1_000_000, codec: main?.codec });
    expect(Math.abs((await get('clock', {})).offsetMs)).toBeLessThan(2_000);
    await get('relay', { token: described.relays[0]?.token ?? '', active: true });
    expect((await porch.figures()).relays[0]?.active).toBe(true);
    const { jpeg } = await get('snapshot', { profile: described.chosen.main });
    expect([jpeg[0], jpeg[1]]).toEqual([0xff, 0xd8]);
  });
});
