/** The compat ingest as a process: cameras that the recorder can't pull, and what happens when they misbehave. */
import { fork, type ChildProcess } from 'node:child_process';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { CameraId } from '#core/domain/ids.ts';
import type { BusRequest, CompatStream } from '#core/domain/worker-protocol.ts';
import { encodeJpegI420 } from '#core/media/codec/encoder.ts';
import { VideoDecoder } from '#core/media/codec/video-decoder.ts';
import { FakeRecorderBus } from '../support/fake-recorder-bus.ts';
import { rigAvailable, startRig, type Rig } from '../support/rtsp-rig.ts';
import { drawPicture } from '../support/test-video.ts';

const entry = join(import.meta.dirname, '../../core/workers/compat.ts');
const cameraId = 'caaaaaaaaaaaa' as CameraId;
const otherId = 'cbbbbbbbbbbbb' as CameraId;

async function until<T>(what: string, look: () => T | null | undefined | false, ms = 30_000): Promise<T> {
  const endMs = Date.now() + ms;
  for (;;) {
    const found = look();
    if (found) return found;
    if (Date.now() > endMs) throw new Error(`not within ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

type Push = { header: Extract<BusRequest, { t: 'push-config' | 'push-units' | 'push-end' }>; body: Buffer };

describe('compat ingest', () => {
  let bus: FakeRecorderBus;
  let child: ChildProcess;
  let output: string;

  beforeEach(async () => {
    bus = new FakeRecorderBus();
    await bus.listen();
    output = '';
    child = fork(entry, [], { serialization: 'advanced', stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  });

  afterEach(async () => {
    const exited = new Promise((resolve) => child.once('exit', resolve));
    if (child.connected) child.send({ type: 'stop' });
    await exited;
    bus.close();
  });

  function pull(...streams: (Pick<CompatStream, 'url'> & Partial<CompatStream>)[]): void {
    child.send({
      type: 'configure',
      busPath: bus.path,
      busToken: bus.token,
      streams: streams.map((stream) => ({
        cameraId,
        cameraName: 'Porch',
        stream: 'main',
        username: null,
        password: null,
        ...stream,
      })),
    });
  }

  const pushes = <T extends Push['header']['t']>(t: T, id: CameraId = cameraId) =>
    bus.received.filter(
      (message): message is { header: Extract<Push['header'], { t: T }>; body: Buffer } =>
        message.header.t === t && 'cameraId' in message.header && message.header.cameraId === id,
    );
  const videoUnits = (id: CameraId = cameraId) =>
    pushes('push-units', id).flatMap(({ header, body }) =>
      header.units.filter(({ kind }) => kind === 'video').map((unit) => ({ ...unit, data: body })),
    );

  /** Pictures that come out when what was pushed is decoded. */
  function decode(id: CameraId = cameraId): { width: number; pictures: number; errors: number } {
    const { header, body } = pushes('push-config', id)[0]!;
    let at = 0;
    const parameterSets = header.video.parameterSetSizes.map((size) => body.subarray(at, (at += size)));
    const decoder = new VideoDecoder({ codec: header.video.codec, parameterSets });
    let width = 0;
    const pictures = [...videoUnits(id).flatMap((unit) => decoder.decode(unit)), ...decoder.flush()];
    for (const picture of pictures) {
      width = picture.width;
      picture.release();
    }
    decoder.close();
    return { width, pictures: pictures.length, errors: decoder.errors };
  }

  function expectSteadyTimes(id: CameraId = cameraId): void {
    const units = videoUnits(id);
    expect(units[0]!.key).toBe(true);
    units.slice(1).forEach((unit, n) => expect(unit.dts90k).toBeGreaterThan(units[n]!.dts90k));
    for (const unit of units) expect(Math.abs(unit.timeMs - Date.now())).toBeLessThan(60_000);
    const last = units.at(-1)!;
    const spanMs = last.timeMs - units[0]!.timeMs;
    expect(Math.abs(spanMs - (last.dts90k - units[0]!.dts90k) / 90)).toBeLessThan(1_500);
  }

  describe.skipIf(!rigAvailable())('with cameras we did not write', () => {
    let rig: Rig;
    beforeAll(async () => {
      rig = (await startRig(24_100, ['mjpeg', 'udponly', 'main']))!;
    });
    afterAll(async () => {
      await rig.stop();
    });

    test('MJPEG over RTSP arrives as H.264 with a keyframe every 2 s and the sound as it was', async () => {
      pull({ url: `${rig.baseUrl}/mjpeg` });
      await until('six seconds of video', () => {
        const units = videoUnits();
        return units.length > 10 && units.at(-1)!.dts90k > 540_000;
      });
      const { header } = pushes('push-config')[0]!;
      expect(header.video.codec).toBe('h264');
      expect(header.video.codecString).toMatch(/^avc1\.42/);
      expect(header.audio?.codec).toBe('pcmu');
      expect(pushes('push-units').some(({ header: { units } }) => units.some(({ kind }) => kind === 'audio'))).toBe(
        true,
      );
      const keys = videoUnits().filter(({ key }) => key);
      keys.slice(1).forEach((key, n) => expect(Math.abs(key.dts90k - keys[n]!.dts90k - 180_000)).toBeLessThan(20_000));
      expectSteadyTimes();
      const { pictures, errors, width } = decode();
      expect({ errors, width }).toEqual({ errors: 0, width: header.video.width });
      expect(pictures).toBe(videoUnits().length);
    });

    test('a camera that speaks UDP alone is copied, not transcoded', async () => {
      pull({ url: `${rig.baseUrl}/udponly` });
      await until('four seconds of video', () => videoUnits().length > 100);
      expectSteadyTimes();
      const { pictures, width } = decode();
      expect(width).toBe(pushes('push-config')[0]!.header.video.width);
      expect(pictures).toBeGreaterThan(95);
    });

    test('F15: a refused password ends the attempts and says so; the password appears nowhere', async () => {
      const url = `${rig.digestUrl}/main`;
      pull({ url, username: 'admin', password: 'not-the-one' });
      const end = await until('an end', () => pushes('push-end')[0]);
      expect(end.header.error).toEqual({
        code: 'camera_wrong_password',
        message: "Camera 'Porch' refused the password. Check the camera's user.",
      });
      pull({ url, username: 'admin', password: 'rig-pass' });
      await until('video', () => videoUnits().length > 5);
      expect(pushes('push-end').length).toBe(1);
      expect(output).not.toContain('not-the-one');
      expect(output).not.toContain('rig-pass');
    });
  });

  describe('with cameras of our own', () => {
    const jpegs = Array.from({ length: 20 }, (_, n) => encodeJpegI420(drawPicture(320, 240, n * 10), 320, 240, 5));
    let server: Server;
    let base: string;
    const open = new Set<ServerResponse>();

    beforeEach(async () => {
      server = createServer((request, response) => {
        open.add(response);
        response.once('close', () => open.delete(response));
        if (request.url === '/private' && request.headers.authorization !== 'Basic YWRtaW46c3Bhw6QvQDojJQ==') {
          response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="camera"' }).end();
        } else if (request.url === '/missing') response.writeHead(404).end();
        else if (request.url === '/elsewhere') response.writeHead(302, { Location: `${base}/video` }).end();
        else if (request.url === '/text')
          response.writeHead(200, { 'Content-Type': 'text/html' }).end('<h1>hello</h1>'.repeat(500));
        else if (request.url === '/hang')
          response.writeHead(200, { 'Content-Type': 'multipart/x-mixed-replace; boundary=--b' });
        else sendMjpeg(response);
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });

    afterEach(async () => {
      for (const response of open) response.destroy();
      await new Promise((resolve) => server.close(resolve));
    });

    function sendMjpeg(response: ServerResponse): void {
      response.writeHead(200, { 'Content-Type': 'multipart/x-mixed-replace; boundary=b' });
      let n = 0;
      const timer = setInterval(() => {
        const jpeg = jpegs[n++ % jpegs.length]!;
        response.write(`--b\r\nContent-Type: image/jpeg\r\nContent-Length: ${jpeg.length}\r\n\r\n`);
        response.write(jpeg);
        response.write('\r\n');
      }, 100);
      response.once('close', () => clearInterval(timer));
    }

    test('MJPEG over HTTP arrives as H.264 at the times the pictures came', async () => {
      pull({ url: `${base}/video` });
      await until('three seconds of video', () => videoUnits().length > 30);
      expectSteadyTimes();
      const units = videoUnits();
      const meanMs = (units.at(-1)!.dts90k - units[5]!.dts90k) / 90 / (units.length - 6);
      expect(meanMs).toBeGreaterThan(80);
      expect(meanMs).toBeLessThan(140);
      expect(decode()).toMatchObject({ width: 320, errors: 0 });
    });

    test('F14: a password with every kind of character is sent as it is', async () => {
      pull({ url: `${base}/private`, username: 'admin', password: 'spaä/@:#%' });
      await until('video', () => videoUnits().length > 3);
    });

    test.each([
      ['/missing', 'camera_path_not_found'],
      ['/private', 'camera_wrong_password'],
      ['/text', 'camera_bad_description'],
    ])('%s ends with %s and a sentence that names the camera', async (path, code) => {
      pull({ url: `${base}${path}` });
      const end = await until('an end', () => pushes('push-end')[0]);
      expect(end.header.error.code).toBe(code);
      expect(end.header.error.message).toContain("Camera 'Porch'");
    });

    test('a redirect is not followed: only the address that was added is asked', async () => {
      pull({ url: `${base}/elsewhere` });
      const end = await until('an end', () => pushes('push-end')[0]);
      expect(end.header.error.code).toBe('camera_error');
      expect(videoUnits()).toEqual([]);
    });

    test.each(['file:///etc/passwd', 'concat:/etc/passwd', 'udp://127.0.0.1:9', 'rtmp://127.0.0.1/x', '-i'])(
      'refuses %s without opening anything',
      async (url) => {
        pull({ url });
        const end = await until('an end', () => pushes('push-end')[0]);
        expect(end.header.error.code).toBe('unsupported_source');
      },
    );

    test('F4: a camera that goes silent is given up, and another one does not notice', async () => {
      pull({ url: `${base}/hang` }, { url: `${base}/video`, cameraId: otherId, cameraName: 'Yard' });
      await until('the other camera', () => videoUnits(otherId).length > 5);
      const end = await until('an end of the silent one', () => pushes('push-end')[0], 40_000);
      expect(end.header.error.code).toBe('camera_silent');
      const before = videoUnits(otherId).length;
      await until('more of the other', () => videoUnits(otherId).length > before + 10);
      expect(pushes('push-end', otherId)).toEqual([]);
    });

    test('F2: a camera that is off at first is asked again until it is there', async () => {
      const { port } = new URL(base);
      for (const response of open) response.destroy();
      await new Promise((resolve) => server.close(resolve));
      pull({ url: `${base}/video` });
      const end = await until('an end', () => pushes('push-end')[0]);
      expect(end.header.error.code).toBe('camera_refused_connection');
      server = createServer((_, response) => {
        open.add(response);
        sendMjpeg(response);
      });
      await new Promise<void>((resolve) => server.listen(Number(port), '127.0.0.1', resolve));
      await until('video', () => videoUnits().length > 3);
    });
  });
});
