/** A camera that refused the password is left alone until something changed. */
import { describe, expect, it } from 'vitest';
import { HubError, type ErrorCode } from '#core/base/errors.ts';
import { CameraAsker, type AskOnvif } from '#core/hub/camera-asker.ts';
import { cameraRecord } from '../../support/camera-record.ts';

function asker(answer: () => ErrorCode | null): { asker: CameraAsker; tries: () => number } {
  let tries = 0;
  const ask = (() => {
    tries++;
    const code = answer();
    return code === null ? Promise.resolve({}) : Promise.reject(new HubError(code, 'It says no.'));
  }) as unknown as AskOnvif;
  const made = new CameraAsker({ ask, credentials: () => ({ username: 'u', password: 'p' }) });
  return { asker: made, tries: () => tries };
}
const camera = cameraRecord({ onvifUrl: 'http://10.0.0.2/x', username: 'u', sealedPassword: 'sealed' });

describe('F15: a refused password', () => {
  it('is not tried again, however often somebody asks', async () => {
    const { asker: one, tries } = asker(() => 'camera_wrong_password');
    for (let i = 0; i < 20; i++)
      await expect(one.ask(camera, 'ptz_state', { profile: null })).rejects.toMatchObject({
        code: 'camera_wrong_password',
        message: 'It says no.',
      });
    expect(tries()).toBe(1);
  });

  it('that was changed, an address that was changed, and a person who says so are tried once', async () => {
    const { asker: one, tries } = asker(() => 'camera_wrong_password');
    const ask = (who: typeof camera): Promise<unknown> =>
      one.ask(who, 'clock', {}).catch((error: unknown) => (error as HubError).code);
    await ask(camera);
    await ask({ ...camera, sealedPassword: 'other' });
    expect(tries()).toBe(2);
    await ask({ ...camera, sealedPassword: 'other', onvifUrl: 'http://10.0.0.3/x' });
    expect(tries()).toBe(3);
    one.forget(camera.id);
    expect(await ask({ ...camera, onvifUrl: 'http://10.0.0.3/x' })).toBe('camera_wrong_password');
    expect(tries()).toBe(4);
  });

  it('is forgotten once the camera answers', async () => {
    let code: ErrorCode | null = 'camera_wrong_password';
    const { asker: one } = asker(() => code);
    await one.ask(camera, 'clock', {}).catch((error: unknown) => error);
    one.forget(camera.id);
    code = null;
    await one.ask(camera, 'clock', {});
    expect(one.isRefused(camera)).toBe(false);
  });
});

it('another failure does not keep anybody from asking again', async () => {
  const { asker: one, tries } = asker(() => 'camera_silent');
  for (let i = 0; i < 3; i++) await one.ask(camera, 'clock', {}).catch((error: unknown) => error);
  expect(tries()).toBe(3);
});

it('a camera known by its stream alone says where to add its ONVIF address', async () => {
  const { asker: one } = asker(() => null);
  await expect(one.ask(cameraRecord({ name: 'Porch' }), 'clock', {})).rejects.toMatchObject({
    code: 'not_offered',
    message: "Camera 'Porch' was added by its stream address alone. Add its ONVIF address where the camera is edited.",
  });
});
