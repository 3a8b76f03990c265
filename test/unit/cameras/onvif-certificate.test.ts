/** Cameras behind https and rtsps: the first certificate is kept, and nothing is said to whoever shows another. */
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '#core/base/clock.ts';
import type { ShownCertificate } from '#core/base/camera-trust.ts';
import { HubError } from '#core/base/errors.ts';
import { CallDesk } from '#core/cameras/onvif/call-desk.ts';
import { connectOnvif } from '#core/cameras/onvif/connection.ts';
import { createOperations } from '#core/cameras/onvif/operations.ts';
import { DeadMan } from '#core/cameras/onvif/dead-man.ts';
import { givesPictures } from '#core/cameras/picture-address.ts';
import type { OnvifTarget } from '#core/domain/onvif.ts';
import { openBackchannel } from '#core/media/rtsp/backchannel.ts';
import { startSoapCamera, type SoapCamera } from '../../support/soap-camera.ts';
import { startTlsFront, whyNoOpenssl, type TlsFront } from '../../support/tls-front.ts';
import { skipFor } from '../../support/tools.ts';

const running: { stop: () => Promise<void> | void }[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map(async (one) => one.stop()));
});

interface Guarded {
  front: TlsFront;
  camera: SoapCamera;
  shown: ShownCertificate[];
  target: (pins: Record<string, string> | undefined) => OnvifTarget;
}

async function guarded(): Promise<Guarded> {
  const camera = await startSoapCamera([], {
    GetDeviceInformation:
      '<tds:GetDeviceInformationResponse><tds:Manufacturer>A</tds:Manufacturer></tds:GetDeviceInformationResponse>',
    GetHostname: '<tds:GetHostnameResponse/>',
  });
  const front = await startTlsFront(camera.port);
  running.push(camera, front);
  const url = `https://${front.address}/onvif/device_service`;
  const target = (pins: Record<string, string> | undefined): OnvifTarget => ({
    ...{ url, username: 'viewer', password: 'secret', cameraName: 'Porch', pins },
  });
  return { front, camera, shown: [], target };
}

const connect = ({ target, shown }: Guarded, pins: Record<string, string> | undefined) =>
  connectOnvif(target(pins), { clock: systemClock, onCertificate: (one) => shown.push(one) });
const failure = async (work: Promise<unknown>): Promise<HubError> => {
  try {
    await work;
  } catch (error) {
    if (error instanceof HubError) return error;
    throw error;
  }
  throw new Error('It should have failed.');
};
const fingerprint = expect.stringMatching(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/) as string;
const question = {
  to: 'device',
  action: 'http://www.onvif.org/ver10/device/wsdl/GetDeviceInformation',
  body: '<tds:GetDeviceInformation/>',
} as const;

describe.skipIf(skipFor('certificates of ONVIF cameras', whyNoOpenssl))('the certificate of a camera', () => {
  it('is told when it is the first, let in when it is the same, and without pins any will do', async () => {
    const porch = await guarded();
    await connect(porch, {});
    expect(porch.shown).toEqual([{ address: porch.front.address, fingerprint }]);
    const pins = { [porch.front.address]: porch.shown[0]!.fingerprint };
    await (await connect(porch, pins)).call(question);
    porch.front.renew();
    await connect(porch, undefined);
    expect(porch.shown).toHaveLength(1);
  });

  it('ends the connection before a byte of a request when it is another', async () => {
    const porch = await guarded();
    const refused = await failure(connect(porch, { [porch.front.address]: 'AA:BB' }));
    expect(refused.code).toBe('camera_certificate');
    expect(refused.message).toContain("Camera 'Porch' shows another certificate");
    expect(porch.front.bytes()).toBe(0);
    expect(porch.camera.questions).toEqual([]);
  });

  it('may not change under a connection that stands, for calls and for pictures', async () => {
    const porch = await guarded();
    const session = await connect(porch, {});
    await session.call(question);
    porch.front.renew();
    const before = porch.front.bytes();
    expect((await failure(session.call(question))).code).toBe('camera_certificate');
    const still = `https://${porch.front.address}/still.jpg`;
    expect((await failure(session.get(still, { timeoutMs: 5_000, maxBytes: 1_000 }))).code).toBe('camera_certificate');
    expect(porch.front.bytes()).toBe(before);
    expect(porch.shown).toHaveLength(1);
  });

  it('once trusted anew is used at once: a connection made under others is not', async () => {
    const porch = await guarded();
    const codes: string[] = [];
    let heard = Promise.withResolvers<undefined>();
    const tell = (code: string): void => {
      codes.push(code);
      heard.resolve(undefined);
    };
    const desk = new CallDesk({
      clock: systemClock,
      connect: (target, signal) => connectOnvif(target, { clock: systemClock, signal }),
      operations: createOperations({ deadMan: new DeadMan(() => undefined), clock: systemClock }),
      to: { answer: () => tell('ok'), failed: (_, code) => tell(code), bug: () => undefined },
    });
    running.push(desk);
    let requestId = 0;
    const ask = async (pins: Record<string, string>): Promise<void> => {
      heard = Promise.withResolvers<undefined>();
      const [target, timeoutMs] = [porch.target(pins), 5_000];
      desk.take({ type: 'call', requestId: requestId++, operation: 'clock', input: {}, target, timeoutMs });
      await heard.promise;
    };
    await ask({});
    await ask({ [porch.front.address]: 'AA:BB' });
    await ask({});
    // What the connection learnt under no pins is the old one.
    porch.front.renew();
    await ask({});
    expect(codes).toEqual(['ok', 'camera_certificate', 'ok', 'ok']);
  });

  it('is looked at before a picture address or a loudspeaker is asked', async () => {
    const porch = await guarded();
    const [user, pins] = [{ username: 'viewer', password: 'secret' }, { [porch.front.address]: 'AA:BB' }];
    const never = new AbortController().signal;
    const video = givesPictures({ url: `https://${porch.front.address}/video`, ...user, pins }, never);
    expect((await failure(video)).code).toBe('camera_certificate');
    const target = { cameraName: 'Porch', url: `rtsps://${porch.front.address}/main`, ...user, pins };
    const talk = openBackchannel(target, { clock: systemClock, signal: never }, () => undefined);
    expect((await failure(talk)).code).toBe('camera_certificate');
    expect(porch.front.bytes()).toBe(0);
  });
});
