import http from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { ManualClock, systemClock, type Clock } from '#core/base/clock.ts';
import type { ImagingChange } from '#core/domain/onvif.ts';
import type { CallContext } from '#core/cameras/onvif/call-desk.ts';
import { readClock, reboot, setClock } from '#core/cameras/onvif/clock.ts';
import { connectOnvif } from '#core/cameras/onvif/connection.ts';
import { DeadMan } from '#core/cameras/onvif/dead-man.ts';
import { changeEncoder, readEncoders } from '#core/cameras/onvif/encoders.ts';
import { changeImaging, readImagingAbilities, readImagingState } from '#core/cameras/onvif/imaging.ts';
import { setRelay } from '#core/cameras/onvif/relay.ts';
import { takeSnapshot } from '#core/cameras/onvif/snapshot.ts';
import { adjustable, encoderOfMedia1, encoderOfMedia2 } from '../../support/onvif-care-answers.ts';
import { startSoapCamera, systemTime, type SoapScript, type SoapStyle } from '../../support/soap-camera.ts';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end()));
});

async function connected(services: string[], script: SoapScript, style?: SoapStyle, clock: Clock = systemClock) {
  const camera = await startSoapCamera(services, script, style);
  ends.push(() => camera.stop());
  const target = { url: camera.url, username: 'u', password: 'p', cameraName: 'Porch' };
  const session = await connectOnvif(target, { clock });
  const context: CallContext = { target, camera: 'porch', signal: new AbortController().signal, lasting: session };
  const deadMan = new DeadMan(() => undefined);
  const adjust = (change: ImagingChange) => changeImaging(session, { source: null, change }, context, deadMan);
  return { camera, session, context, adjust };
}

const until = async (met: () => boolean, withinMs = 3_000): Promise<void> => {
  const endMs = performance.now() + withinMs;
  while (!met()) {
    if (performance.now() > endMs) throw new Error('it did not happen in time');
    await wait(5);
  }
};

describe('the picture', () => {
  const fresh = () => adjustable({ brightness: 40, irCut: 'AUTO', focus: 'AUTO' });

  it('offers only what can really be adjusted', async () => {
    const { session } = await connected(['media1', 'imaging'], fresh());
    expect(await readImagingAbilities(session, null)).toEqual({
      source: 'src0',
      brightness: { min: 0, max: 100 },
      contrast: null,
      saturation: null,
      sharpness: null,
      irCut: ['on', 'off', 'auto'],
      focus: { auto: true, continuous: true, relative: false, absolute: false },
    });
    const none = await connected(['media1'], fresh());
    expect(await readImagingAbilities(none.session, null)).toBeNull();
  });

  it('sends only what changes, for good, and returns what the camera has then', async () => {
    const { camera, session, context, adjust } = await connected(['media1', 'imaging'], fresh());
    expect(await readImagingState(session, null, context)).toMatchObject({
      brightness: 40,
      irCut: 'auto',
      autoFocus: true,
    });
    expect(await adjust({ irCut: 'off', brightness: 55 })).toMatchObject({
      brightness: 55,
      irCut: 'off',
      contrast: 50,
    });
    expect(camera.last('SetImagingSettings')).toContain(
      '<ImagingSettings><tt:Brightness>55</tt:Brightness><tt:IrCutFilter>OFF</tt:IrCutFilter></ImagingSettings><ForcePersistence>true</ForcePersistence>',
    );
  });

  it('refuses what lies outside the range or is not offered, before the camera hears of it', async () => {
    const { camera, adjust } = await connected(['media1', 'imaging'], fresh());
    await expect(adjust({ brightness: 101 })).rejects.toMatchObject({ code: 'bad_request' });
    await expect(adjust({ contrast: 50 })).rejects.toMatchObject({ code: 'not_offered' });
    expect(camera.count('SetImagingSettings')).toBe(0);
  });

  it('moves the focus in its own speed and stops it by itself', async () => {
    const { camera, adjust } = await connected(['media1', 'imaging'], fresh());
    await adjust({ focus: -0.5 });
    expect(camera.last('Move')).toContain('<Focus><tt:Continuous><tt:Speed>-3.5</tt:Speed></tt:Continuous></Focus>');
    await until(() => camera.count('Stop') === 1);
  });
});

describe('the streams', () => {
  it('of Media1 are read with their options, and only what the camera had is sent back, in order', async () => {
    let sent = '';
    const { session } = await connected(
      ['media1'],
      encoderOfMedia1((message) => (sent = message)),
      { prefix: 'env', version: '1.2' },
    );
    const [encoder] = await readEncoders(session, 'Porch');
    expect(encoder).toEqual({
      token: '000',
      name: 'Enc & 1',
      profiles: ['mainStream'],
      codec: 'h264',
      width: 1920,
      height: 1080,
      fps: 25,
      bitsPerSecond: 4_096_000,
      keyframeEvery: 250,
      options: {
        codecs: ['h264'],
        sizes: [
          { width: 1920, height: 1080 },
          { width: 1280, height: 720 },
        ],
        fps: { min: 1, max: 25 },
        bitsPerSecond: { min: 32_000, max: 8_192_000 },
        keyframeEvery: { min: 1, max: 400 },
      },
    });
    const after = await changeEncoder(session, { token: '000', keyframeEvery: 50, bitsPerSecond: 2_500_000 }, 'Porch');
    expect(after).toMatchObject({ keyframeEvery: 50, bitsPerSecond: 2_048_000, fps: 25 });
    const names = [...sent.slice(sent.indexOf('<Configuration')).matchAll(/<tt:(\w+)/g)].map(([, name]) => name);
    expect(names.join(' ')).toBe(
      'Name UseCount Encoding Resolution Width Height Quality RateControl FrameRateLimit EncodingInterval BitrateLimit ' +
        'H264 GovLength H264Profile Multicast Address Type IPv4Address Port TTL AutoStart SessionTimeout',
    );
    expect(sent).toContain('<tt:Name>Enc &amp; 1</tt:Name>');
    expect(sent).toContain('<ForcePersistence>true</ForcePersistence>');
  });

  it('of Media2 come with H.265; frame rates go to the nearest there is', async () => {
    let sent = '';
    const { session } = await connected(
      ['media2'],
      encoderOfMedia2((message) => (sent = message)),
    );
    const [first, second] = await readEncoders(session, 'Porch');
    expect(first).toMatchObject({ profiles: ['one', 'two'], fps: 12.5, keyframeEvery: 50, bitsPerSecond: 2_048_000 });
    expect(first?.options).toMatchObject({
      codecs: ['h264', 'h265'],
      fps: { min: 5, max: 25 },
      keyframeEvery: { min: 1, max: 300 },
    });
    expect(second).toMatchObject({ codec: 'mjpeg', fps: null, keyframeEvery: null, options: { sizes: [], fps: null } });
    await changeEncoder(session, { token: 'V1', fps: 23, keyframeEvery: 25 }, 'Porch');
    expect(sent).toContain('<Configuration token="V1" GovLength="25" Profile="High">');
    expect(sent).toContain('<tt:RateControl ConstantBitRate="true"><tt:FrameRateLimit>25</tt:FrameRateLimit>');
    expect(sent).not.toContain('ForcePersistence');
    const after = await changeEncoder(session, { token: 'V1', codec: 'h265', width: 1280, height: 720 }, 'Porch');
    expect(after).toMatchObject({ codec: 'h265', width: 1280, height: 720 });
    expect(sent).toContain('Profile="Main"');
  });

  it('refuse a size that is not offered and say which are; a camera without a setting says so', async () => {
    const { camera, session } = await connected(
      ['media2'],
      encoderOfMedia2(() => undefined),
    );
    await expect(changeEncoder(session, { token: 'V1', width: 1920, height: 1080 }, 'Porch')).rejects.toMatchObject({
      code: 'bad_request',
      message: expect.stringContaining('2560×1440') as string,
    });
    await expect(changeEncoder(session, { token: 'V2', fps: 5 }, 'Porch')).rejects.toMatchObject({
      code: 'not_offered',
    });
    await expect(changeEncoder(session, { token: 'gone', fps: 5 }, 'Porch')).rejects.toMatchObject({
      code: 'not_found',
    });
    expect(camera.count('SetVideoEncoderConfiguration')).toBe(0);
  });
});

describe('the clock', () => {
  it('is set to ours in UTC to the second, with zone and summer time kept', async () => {
    const clock = new ManualClock(Date.UTC(2026, 2, 1, 4, 5, 6, 700));
    let cameraMs = Date.UTC(2019, 0, 1);
    const { camera, session } = await connected(
      [],
      {
        GetSystemDateAndTime: () => systemTime(cameraMs),
        SetSystemDateAndTime: () => {
          cameraMs = Date.UTC(2026, 2, 1, 4, 5, 7);
          return '<tds:SetSystemDateAndTimeResponse/>';
        },
      },
      { prefix: 's', version: '1.1' },
      clock,
    );
    expect((await readClock(session, clock)).offsetMs).toBeLessThan(-200_000_000_000);
    expect((await setClock(session, 'Porch', clock)).offsetMs).toBe(300);
    const message = camera.last('SetSystemDateAndTime');
    expect(message).toContain('<DateTimeType>Manual</DateTimeType><DaylightSavings>true</DaylightSavings>');
    expect(message).toContain('<tt:TZ>CET-1CEST,M3.5.0,M10.5.0/3</tt:TZ>');
    expect(message).toContain('<tt:Hour>4</tt:Hour><tt:Minute>5</tt:Minute><tt:Second>7</tt:Second>');
    expect(message).toContain('<tt:Year>2026</tt:Year><tt:Month>3</tt:Month><tt:Day>1</tt:Day>');
  });

  it('of a camera that follows a time server is left alone, and the message says where to look', async () => {
    const { camera, session } = await connected([], { GetSystemDateAndTime: () => systemTime(0, 'NTP') });
    await expect(setClock(session, 'Porch', systemClock)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('NTP') as string,
    });
    expect(camera.count('SetSystemDateAndTime')).toBe(0);
  });
});

describe('restart and relays', () => {
  it('pass on what the camera says', async () => {
    const { session } = await connected([], {
      SystemReboot: '<tds:SystemRebootResponse><tds:Message>Rebooting in 30 s</tds:Message></tds:SystemRebootResponse>',
    });
    expect(await reboot(session)).toEqual({ message: 'Rebooting in 30 s' });
  });

  it('switch over DeviceIO where the device service does not', async () => {
    const { camera, session } = await connected(['deviceio'], {
      SetRelayOutputState: ({ path }) =>
        path.includes('deviceio') ? '<SetRelayOutputStateResponse/>' : { fault: 'ActionNotSupported' },
    });
    await setRelay(session, { token: 'r<1', active: true });
    expect(camera.last('SetRelayOutputState')).toContain(
      '<RelayOutputToken>r&lt;1</RelayOutputToken><LogicalState>active</LogicalState></SetRelayOutputState>',
    );
  });
});

describe('a still picture', () => {
  const jpeg = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(100, 7)]);

  async function withPicture(
    body: Buffer,
    status = 200,
    named = (port: number) => `http://10.11.12.13:${port}/still.jpg`,
  ) {
    const asked: (string | undefined)[] = [];
    const server = http.createServer((request, response) => {
      asked.push(request.headers.authorization);
      if (request.headers.authorization === undefined) {
        response.writeHead(401, { 'WWW-Authenticate': 'Digest realm="cam", nonce="abc", qop="auth"' }).end();
        return;
      }
      response.writeHead(status).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ends.push(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    const { port } = server.address() as { port: number };
    const { session } = await connected(['media1'], {
      GetProfiles: '<trt:GetProfilesResponse><trt:Profiles token="P1"/></trt:GetProfilesResponse>',
      GetSnapshotUri: `<trt:GetSnapshotUriResponse><trt:MediaUri><tt:Uri>${named(port)}</tt:Uri></trt:MediaUri></trt:GetSnapshotUriResponse>`,
    });
    const take = () => takeSnapshot(session, session, null, new AbortController().signal);
    return { take, asked };
  }

  it("comes from the camera's own address whatever host it names, with the password where HTTP asks", async () => {
    const { take, asked } = await withPicture(jpeg);
    expect(Buffer.from((await take()).jpeg).equals(jpeg)).toBe(true);
    expect(asked[0]).toBeUndefined();
    expect(asked[1]).toMatch(/^Digest username="u"/);
  });

  it('is refused when it is no JPEG, too large, or missing', async () => {
    await expect((await withPicture(Buffer.from('<html>'))).take()).rejects.toMatchObject({
      code: 'camera_bad_description',
    });
    await expect((await withPicture(jpeg, 503)).take()).rejects.toMatchObject({ code: 'camera_error' });
    const huge = Buffer.concat([jpeg, Buffer.alloc(9 * 1024 * 1024)]);
    await expect((await withPicture(huge)).take()).rejects.toMatchObject({
      code: expect.stringContaining('camera_') as string,
    });
    await expect((await withPicture(jpeg, 200, () => 'file:///etc/passwd')).take()).rejects.toThrow();
  });
});
