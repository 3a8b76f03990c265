import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { PtzCommand } from '#core/domain/onvif.ts';
import { systemClock } from '#core/base/clock.ts';
import type { CallContext } from '#core/cameras/onvif/call-desk.ts';
import { connectOnvif } from '#core/cameras/onvif/connection.ts';
import { DeadMan } from '#core/cameras/onvif/dead-man.ts';
import { movePtz, readPtzAbilities, readPtzState } from '#core/cameras/onvif/ptz.ts';
import { degrees, dome, swivel } from '../../support/onvif-ptz-answers.ts';
import { startSoapCamera, type SoapCamera, type SoapScript } from '../../support/soap-camera.ts';

const open: SoapCamera[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((camera) => camera.stop()));
});

async function connected(script: SoapScript, services = ['media1', 'media2', 'ptz']) {
  const camera = await startSoapCamera(services, { ...script });
  open.push(camera);
  const target = { url: camera.url, username: 'u', password: 'p', cameraName: 'Porch' };
  const session = await connectOnvif(target, { clock: systemClock });
  const failures: string[] = [];
  const deadMan = new DeadMan((what) => failures.push(what));
  const abort = new AbortController();
  const context: CallContext = { target, camera: 'porch', signal: abort.signal, lasting: session };
  const move = (command: PtzCommand) => movePtz(session, { profile: null, command }, context, deadMan);
  return { camera, session, context, deadMan, failures, move, head: 'porch Profile_1' };
}

const until = async (met: () => boolean, withinMs = 3_000): Promise<void> => {
  const endMs = performance.now() + withinMs;
  while (!met()) {
    if (performance.now() > endMs) throw new Error('it did not happen in time');
    await wait(5);
  }
};
const still = { pan: 0, tilt: 0, zoom: 0 };

describe('what a PTZ camera can do', () => {
  it('is read from node and options, with the field-of-view space for click-to-centre', async () => {
    const { session } = await connected(dome);
    expect(await readPtzAbilities(session, 'Profile_1')).toEqual({
      profile: 'Profile_1',
      continuous: true,
      relative: true,
      absolute: true,
      centre: true,
      zoom: true,
      home: true,
      presets: 300,
    });
  });

  it('is pan and tilt at least, where the camera describes nothing', async () => {
    const { session } = await connected(swivel, ['media1', 'ptz']);
    expect(await readPtzAbilities(session, null)).toMatchObject({
      profile: 'PROFILE_000',
      continuous: true,
      zoom: false,
    });
  });

  it('is nothing where no profile moves, and the command says so', async () => {
    const { session, move } = await connected({
      GetProfiles: '<trt:GetProfilesResponse><trt:Profiles token="a"/></trt:GetProfilesResponse>',
    });
    expect(await readPtzAbilities(session, null)).toBeNull();
    await expect(move({ action: 'home' })).rejects.toMatchObject({ code: 'not_offered' });
  });

  it('comes with position, movement and named presets, each left out where the camera is silent about it', async () => {
    const { session, context } = await connected(dome);
    const state = await readPtzState(session, null, context);
    expect(state.position).toEqual({ pan: 0.5, tilt: -0.25, zoom: 0.1 });
    expect(state.moving).toBe(false);
    expect(state.presets).toEqual([
      { token: '1', name: 'Gate' },
      { token: '2', name: '2' },
    ]);
    const poor = await connected(swivel, ['media1', 'ptz']);
    expect(await readPtzState(poor.session, null, poor.context)).toMatchObject({
      position: null,
      moving: null,
      presets: [],
    });
  });
});

describe('moving', () => {
  it('asks in the generic space, with zoom stopped and a whole number of seconds', async () => {
    const { camera, move, deadMan } = await connected(dome);
    await move({ action: 'move', velocity: { pan: 0.5, tilt: -1, zoom: 0 }, timeoutMs: 1_200 });
    const message = camera.last('ContinuousMove');
    expect(message).toContain('<tt:PanTilt x="0.5" y="-1"/><tt:Zoom x="0"/>');
    expect(message).toContain('<Timeout>PT2S</Timeout>');
    await deadMan.stopAll(1_000);
  });

  it("scales to the camera's own ranges and names its own space", async () => {
    const { camera, move, session, context, deadMan } = await connected(degrees);
    await move({ action: 'move', velocity: { pan: 0.5, tilt: -0.5, zoom: 1 }, timeoutMs: 500 });
    expect(camera.last('ContinuousMove')).toContain('<tt:PanTilt x="10" y="-5" space="urn:velocity"/></Velocity>');
    await move({ action: 'absolute', to: { pan: 0, tilt: 1, zoom: 0.5 } });
    expect(camera.last('AbsoluteMove')).toContain('<tt:PanTilt x="175" y="0" space="urn:degrees"/></Position>');
    expect((await readPtzState(session, null, context)).position).toEqual({ pan: 0, tilt: 0, zoom: 0 });
    await deadMan.stopAll(1_000);
  });

  it('is asked without a time limit where the camera refuses one, and remembers', async () => {
    const { camera, move, deadMan } = await connected(swivel, ['media1', 'ptz']);
    await move({ action: 'move', velocity: { ...still, pan: 1 }, timeoutMs: 400 });
    await move({ action: 'move', velocity: { ...still, pan: 1 }, timeoutMs: 400 });
    expect(camera.count('ContinuousMove')).toBe(3);
    expect(camera.last('ContinuousMove')).not.toContain('Timeout>');
    await deadMan.stopAll(1_000);
    expect(camera.count('Stop')).toBe(1);
  });

  it('is stopped by us when no further move comes, and not before', async () => {
    const { camera, move } = await connected(dome);
    await move({ action: 'move', velocity: { ...still, pan: 1 }, timeoutMs: 300 });
    await wait(150);
    const renewedMs = performance.now();
    await move({ action: 'move', velocity: { ...still, pan: 1 }, timeoutMs: 300 });
    await until(() => camera.count('Stop') === 1);
    expect(performance.now() - renewedMs).toBeGreaterThanOrEqual(290);
    expect(camera.last('Stop')).toContain('<PanTilt>true</PanTilt><Zoom>true</Zoom>');
  });

  it('stops at once when asked, and is not stopped again later', async () => {
    const { camera, move, deadMan, head } = await connected(dome);
    await move({ action: 'move', velocity: { ...still, pan: 1 }, timeoutMs: 5_000 });
    expect(deadMan.armed(head)).toBe(true);
    await move({ action: 'stop' });
    expect(deadMan.armed(head)).toBe(false);
    await move({ action: 'goto_preset', preset: '1' });
    expect(camera.questions.map(({ operation }) => operation).slice(-3)).toEqual([
      'ContinuousMove',
      'Stop',
      'GotoPreset',
    ]);
  });

  it('stops after all when the stop comes while the move is still on its way', async () => {
    const { camera, move } = await connected(dome);
    await move({ action: 'stop' });
    const moving = Promise.withResolvers<string>();
    camera.script['ContinuousMove'] = () => moving.promise;
    const moved = move({ action: 'move', velocity: { ...still, pan: 1 }, timeoutMs: 5_000 });
    await until(() => camera.count('ContinuousMove') === 1);
    await move({ action: 'stop' });
    moving.resolve('<tptz:ContinuousMoveResponse/>');
    await moved;
    expect(camera.count('Stop')).toBe(3);
  });

  it('of two heads at one address is stopped at each', async () => {
    const { camera, session, context, deadMan } = await connected(dome);
    camera.script['GetProfiles'] =
      '<trt:GetProfilesResponse><trt:Profiles token="left"><tt:PTZConfiguration token="l"/></trt:Profiles><trt:Profiles token="right"><tt:PTZConfiguration token="r"/></trt:Profiles></trt:GetProfilesResponse>';
    const command: PtzCommand = { action: 'move', velocity: { ...still, pan: 1 }, timeoutMs: 5_000 };
    for (const profile of ['left', 'right']) await movePtz(session, { profile, command }, context, deadMan);
    await deadMan.stopAll(2_000);
    const stopped = camera.questions.filter(({ operation }) => operation === 'Stop').map(({ message }) => message);
    expect(stopped.map((message) => /ProfileToken>(\w+)</.exec(message)?.[1]).sort()).toEqual(['left', 'right']);
  });

  it('is stopped again and again where the stop fails, until it is heard', async () => {
    const { camera, move, failures } = await connected(dome);
    let left = 1;
    camera.script['Stop'] = () => (left-- > 0 ? { status: 503 } : '<tptz:StopResponse/>');
    await move({ action: 'move', velocity: { ...still, tilt: 1 }, timeoutMs: 100 });
    await until(() => camera.count('Stop') === 2);
    expect(failures).toEqual([]);
  });

  it('a goto that takes over from a move is not cut short by its stop', async () => {
    const { camera, move, deadMan, head } = await connected(dome);
    await move({ action: 'move', velocity: { ...still, pan: 1 }, timeoutMs: 5_000 });
    expect(deadMan.armed(head)).toBe(true);
    await move({ action: 'home' });
    expect(deadMan.armed(head)).toBe(false);
    expect(camera.count('Stop')).toBe(0);
  });

  it('centres a clicked point: right and up are positive, in the field-of-view space', async () => {
    const { camera, move } = await connected(dome);
    await move({ action: 'centre', x: 0.75, y: 0.1 });
    expect(camera.last('RelativeMove')).toContain(
      '<tt:PanTilt x="0.5" y="0.8" space="http://www.onvif.org/ver10/tptz/PanTiltSpaces/TranslationSpaceFov"/></Translation>',
    );
    const plain = await connected(degrees);
    await expect(plain.move({ action: 'centre', x: 0, y: 0 })).rejects.toMatchObject({ code: 'not_offered' });
  });

  it('by a distance sends only the axes that move', async () => {
    const { camera, move } = await connected(dome);
    await move({ action: 'relative', by: { ...still, zoom: -0.2 } });
    expect(camera.last('RelativeMove')).toContain('<Translation><tt:Zoom x="-0.2"/></Translation>');
  });
});

describe('presets', () => {
  it('are saved new, or over an old one, with any name', async () => {
    const { camera, move } = await connected(dome);
    await move({ action: 'save_preset', name: 'Gate & <"garden">' });
    expect(camera.last('SetPreset')).toContain(
      '<PresetName>Gate &amp; &lt;&quot;garden&quot;&gt;</PresetName></SetPreset>',
    );
    await move({ action: 'save_preset', name: 'Gate', preset: '2' });
    expect(camera.last('SetPreset')).toContain('<PresetToken>2</PresetToken></SetPreset>');
    await move({ action: 'delete_preset', preset: '2' });
    expect(camera.last('RemovePreset')).toContain('<PresetToken>2</PresetToken>');
  });

  it('keep their place when they are renamed: the camera goes there first', async () => {
    const { camera, move } = await connected(dome);
    let pan = -1;
    camera.script['GetStatus'] = () => {
      pan += 0.75;
      return `<tptz:GetStatusResponse><tptz:PTZStatus><tt:Position><tt:PanTilt x="${pan}" y="0"/><tt:Zoom x="0"/></tt:Position><tt:MoveStatus><tt:PanTilt>${pan < 0.5 ? 'MOVING' : 'IDLE'}</tt:PanTilt></tt:MoveStatus></tptz:PTZStatus></tptz:GetStatusResponse>`;
    };
    await move({ action: 'rename_preset', preset: '1', name: 'Drive' });
    const asked = camera.questions.map(({ operation }) => operation);
    expect(asked.indexOf('GotoPreset')).toBeGreaterThan(0);
    expect(asked.slice(-3)).toEqual(['GetStatus', 'GetStatus', 'SetPreset']);
    expect(camera.last('SetPreset')).toContain('<PresetName>Drive</PresetName><PresetToken>1<');
    await expect(move({ action: 'rename_preset', preset: 'gone', name: 'x' })).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  it("pass on the camera's no: a fixed home stays what it is", async () => {
    const { move } = await connected(dome);
    await expect(move({ action: 'set_home' })).rejects.toMatchObject({
      code: 'camera_error',
      message: expect.stringContaining('home position is fixed') as string,
    });
  });
});
