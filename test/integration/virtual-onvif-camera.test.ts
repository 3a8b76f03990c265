/**
 * The virtual camera as programs meet it that are not ours: the npm package `onvif`, libonvif's onvif-util, curl, ffprobe and
 * GStreamer. Where one is absent its tests are skipped with a word why.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { Cam, Discovery, type CamEvent } from 'onvif';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  startOnvifCamera,
  startOnvifCameras,
  type OnvifCameras,
  type RunningOnvifCamera,
} from '../support/onvif-camera.ts';
import { whyNoCurl, whyNoGstreamer, whyNoNamespaces, whyNoOnvifUtil } from '../support/camera-clients.ts';
import { skipFor, whyNoFfmpeg } from '../support/tools.ts';
import { makeTwoHosts, type TwoHosts } from '../support/two-hosts.ts';

const secret = { username: 'admin', password: 'se:cr@t&<1>' };

interface Ended {
  code: number | null;
  text: string;
}
function run(program: string, args: string[], input = ''): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { timeout: 30_000 });
    let text = '';
    child.stdout.on('data', (part: Buffer) => (text += part.toString()));
    child.stderr.on('data', (part: Buffer) => (text += part.toString()));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, text }));
    child.stdin.end(input);
  });
}

async function connect(camera: RunningOnvifCamera, password = secret.password): Promise<Cam> {
  return new Promise((resolve, reject) => {
    const cam = new Cam(
      { hostname: '127.0.0.1', port: camera.onvifPort, username: secret.username, password },
      (error) => {
        if (error) reject(error);
        else resolve(cam);
      },
    );
  });
}
/** Some of its calls take options before the callback, others none. */
function ask<T>(cam: Cam, method: string, ...options: object[]): Promise<T> {
  return new Promise((resolve, reject) => {
    const call = (cam as unknown as Record<string, (...all: unknown[]) => void>)[method];
    if (!call) throw new Error(`The package has no ${method}.`);
    call.call(cam, ...options, (error: Error | null, value: T) => {
      if (error) reject(error);
      else resolve(value);
    });
  });
}

describe('one camera', () => {
  let camera: RunningOnvifCamera & { stop(): Promise<void> };
  beforeAll(async () => {
    camera = await startOnvifCamera({ ...secret, discovery: true });
  });
  afterAll(async () => {
    await camera.stop();
  });

  describe('and the npm package onvif', () => {
    test('connects, reads profiles and addresses, moves the head, sets a preset', async () => {
      const cam = await connect(camera);
      expect(cam.profiles.map((profile) => profile.$.token)).toEqual(['main', 'sub']);
      expect(cam.profiles[1]?.videoEncoderConfiguration.resolution.width).toBe(640);
      expect(await ask(cam, 'getDeviceInformation')).toMatchObject({ manufacturer: 'Porchlight' });
      expect(await ask(cam, 'getStreamUri', { protocol: 'RTSP' })).toMatchObject({ uri: camera.url });
      await ask(cam, 'absoluteMove', { x: 0.25, y: -0.25, zoom: 0.1 });
      const deadline = performance.now() + 8_000;
      while ((await camera.figures()).ptz.moving && performance.now() < deadline);
      expect(await ask(cam, 'getStatus', {})).toMatchObject({ position: { x: 0.25, y: -0.25, zoom: 0.1 } });
      await ask(cam, 'setPreset', { presetName: 'Apple tree' });
      expect(Object.keys(await ask<object>(cam, 'getPresets', {}))).toContain('Apple tree');
      await ask(cam, 'setImagingSettings', { brightness: 70 });
      expect(await ask(cam, 'getImagingSettings', {})).toMatchObject({ brightness: 70 });
    });

    test('hears the state at first, then what happens', async () => {
      const cam = await connect(camera);
      const heard: CamEvent[] = [];
      const changed = new Promise<CamEvent>((resolve) => {
        cam.on('event', (message) => {
          heard.push(message);
          if (message.message.message.$.PropertyOperation === 'Changed') resolve(message);
          else if (message.topic._.endsWith('/Tamper')) void camera.raise('person', true);
        });
      });
      expect((await changed).topic._).toBe('tns1:RuleEngine/MyRuleDetector/PeopleDetect');
      expect(heard[0]?.message.message.$.PropertyOperation).toBe('Initialized');
      cam.removeAllListeners('event');
      await camera.raise('person', false);
    });

    test('is refused with a wrong password', async () => {
      const cam = await connect(camera, 'wrong');
      await expect(ask(cam, 'getDeviceInformation')).rejects.toThrow(/[Aa]uthorized/);
      expect((await camera.figures()).onvif.wrongPasswords).toBeGreaterThan(0);
    });

    test('finds it on loopback', async () => {
      const found = await new Promise<{ xaddrs: { href: string }[] }[]>((resolve) => {
        Discovery.probe({ timeout: 600, device: 'lo' }, (_error, cameras) => resolve(cameras));
      });
      expect(found.flatMap((one) => one.xaddrs.map((address) => address.href))).toContain(camera.onvifUrl);
    });
  });

  test.skipIf(skipFor('curl and Digest', whyNoCurl))('curl gets the snapshot with MD5 and with SHA-256', async () => {
    for (const algorithms of [['MD5'], ['SHA-256'], ['SHA-256', 'MD5']] as const) {
      await camera.fault({ kind: 'digest', algorithms: [...algorithms], requestsPerNonce: 2 });
      const url = `http://127.0.0.1:${camera.onvifPort}/snapshot/sub.jpg`;
      const write = ['-s', '-o', '/dev/null', '-w', '%{http_code} %{content_type}'];
      const { text } = await run('curl', [...write, '--digest', '-u', `${secret.username}:${secret.password}`, url]);
      expect(text).toBe('200 image/jpeg');
    }
    await camera.fault({ kind: 'none' });
  });

  describe.skipIf(skipFor('ffprobe and the virtual camera', whyNoFfmpeg))('and ffprobe', () => {
    const login = (url: string): string =>
      url.replace('//', `//${encodeURIComponent(secret.username)}:${encodeURIComponent(secret.password)}@`);
    const probe = (url: string): Promise<Ended> => {
      const show = ['-show_entries', 'stream=codec_name,width,height', '-of', 'csv=p=0'];
      return run('ffprobe', ['-v', 'error', '-rtsp_transport', 'tcp', ...show, login(url)]);
    };

    test('both streams are what ONVIF says', async () => {
      const [main, sub] = await Promise.all([probe(camera.url), probe(camera.subUrl)]);
      expect(main.text).toContain('h264,1280,720');
      expect(sub.text).toContain('h264,640,360');
    });

    test('after a change of codec the stream is H.265', async () => {
      await camera.fault({ kind: 'codec', codec: 'h265' });
      expect((await probe(camera.subUrl)).text).toContain('hevc,640,360');
      await camera.fault({ kind: 'none' });
    });

    test('F12: with its connections used up it says 453; with a garbage description there is nothing to play', async () => {
      await camera.fault({ kind: 'connection_cap', sessions: 0 });
      expect((await probe(camera.url)).text).toContain('453');
      await camera.fault({ kind: 'none' });
      await camera.fault({ kind: 'garbage_sdp' });
      const garbage = await probe(camera.url);
      expect(garbage.text).not.toContain('h264');
      await camera.fault({ kind: 'none' });
    });
  });

  describe.skipIf(skipFor('GStreamer and the virtual camera', whyNoGstreamer))('and GStreamer', () => {
    const script = join(import.meta.dirname, '../support/gst-play.py');

    test('plays, and what is said into the backchannel arrives byte by byte', async () => {
      const before = (await camera.figures()).rtsp.talk;
      const ended = await run('/usr/bin/python3', [script, camera.url, secret.username, secret.password, 'talk']);
      const last = ended.text.trim().split('\n').at(-1) ?? '';
      expect(JSON.parse(last)).toMatchObject({ error: null, said: 25, back: 2 });
      const { talk } = (await camera.figures()).rtsp;
      expect(talk).toEqual({ packets: before.packets + 25, bytes: before.bytes + 25 * 160 });
      expect((await camera.heard()).subarray(-4000).equals(Buffer.alloc(4000, 0x55))).toBe(true);
    });
  });
});

test('sixteen cameras of one process each have their own ports, name and password check', async () => {
  const many: OnvifCameras = await startOnvifCameras(16, secret);
  try {
    expect(new Set(many.cameras.flatMap((one) => [one.onvifPort, one.rtspPort])).size).toBe(32);
    expect(new Set(many.cameras.map((one) => one.uuid)).size).toBe(16);
    const last = many.cameras[15]!;
    await last.fault({ kind: 'clock', offsetMs: 5_000 });
    expect((await last.figures()).clockOffsetMs).toBe(5_000);
    expect((await many.cameras[0]!.figures()).clockOffsetMs).toBe(0);
    expect((await connect(last)).profiles).toHaveLength(2);
  } finally {
    await many.stop();
  }
});

describe.skipIf(skipFor('libonvif and the virtual camera', whyNoOnvifUtil, whyNoNamespaces))(
  'libonvif on another host',
  () => {
    let hosts: TwoHosts;
    let camera: RunningOnvifCamera & { stop(): Promise<void> };
    beforeAll(async () => {
      hosts = makeTwoHosts('plcam');
      const { name, address } = hosts.a;
      // Its characters must survive onvif-util's own command line.
      const options = { username: 'admin', password: 'secret1', host: address, onvifPort: 8081, discovery: true };
      camera = await startOnvifCamera({ ...options, namespace: name });
    });
    afterAll(async () => {
      await camera.stop();
      hosts.remove();
    });
    const util = (args: string[], input = ''): Promise<Ended> =>
      run('ip', ['netns', 'exec', hosts.b.name, 'onvif-util', ...args], input);

    test('finds it once, reads streams and settings, and changes them', async () => {
      const found = await util(['-a']);
      expect(found.text).toContain('Found 1 cameras');
      expect(found.text).toContain('(Virtual camera)');
      const commands = [
        'get profiles',
        'get rtsp',
        'get video options',
        'get network',
        'set bitrate 500',
        'set brightness 60',
        'quit',
      ];
      const session = await util(['-u', 'admin', '-p', 'secret1', hosts.a.address], `${commands.join('\n')}\n`);
      expect(session.text).toContain('Token 1: sub');
      expect(session.text).toContain(camera.url);
      expect(session.text).toContain('640 x 360');
      expect(session.text).not.toContain('ERROR');
      expect(session.text).toContain('Bitrate was set to 500');
      expect(session.text).toContain('Brightness was set to 60');
    });
  },
);
