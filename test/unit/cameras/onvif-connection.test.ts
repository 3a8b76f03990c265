import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../core/base/clock.ts';
import { connectOnvif, type OnvifSession } from '../../../core/cameras/onvif/connection.ts';
import { fault12, systemTime } from '../../support/onvif-corpus/device-answers.ts';
import { startGuardedCamera, type Guard, type GuardedCamera } from '../../support/guarded-camera.ts';

const cameras: GuardedCamera[] = [];
afterEach(async () => {
  await Promise.all(cameras.splice(0).map((camera) => camera.stop()));
});

const right = { username: 'admin', password: 'right' };
const year = 365 * 86_400_000;

async function start(guard: Partial<Guard>): Promise<GuardedCamera> {
  const camera = await startGuardedCamera({ ...right, ...guard });
  cameras.push(camera);
  return camera;
}

function connect(
  camera: GuardedCamera,
  username: string | null = right.username,
  password: string | null = right.password,
) {
  const target = {
    url: `http://127.0.0.1:${camera.port}/onvif/device_service`,
    username,
    password,
    cameraName: 'Porch',
  };
  return connectOnvif(target, { clock: systemClock, timeoutMs: 5_000 });
}

const ask = (session: OnvifSession, operation = 'GetDeviceInformation') =>
  session.call({
    to: 'device',
    action: `http://www.onvif.org/ver10/device/wsdl/${operation}`,
    body: `<tds:${operation}/>`,
    timeoutMs: 5_000,
  });

const manners: [string, Partial<Guard>][] = [
  ['the token in the message', { wsse: true }],
  ['HTTP digest MD5', { http: ['MD5'] }],
  ['HTTP digest MD5 without qop', { http: ['MD5'], qop: false }],
  ['HTTP digest SHA-256', { http: ['SHA-256'] }],
  ['HTTP digest SHA-512-256', { http: ['SHA-512-256'] }],
  ['HTTP Basic', { http: ['basic'] }],
  ['both at once', { wsse: true, http: ['MD5'] }],
  ['one of both', { wsse: true, http: ['MD5'], either: true }],
  ['HTTP digest of a camera that a token confuses', { http: ['MD5'], either: true }],
  ['everything, the clock too, by token', { wsse: true, strict: true }],
  ['everything, the clock too, by digest', { http: ['SHA-256'], strict: true }],
];

describe('who asks', () => {
  test.each(manners)('%s is accepted, and the second call needs one request', async (_, guard) => {
    const camera = await start(guard);
    const session = await connect(camera);
    expect((await ask(session)).name).toBe('GetDeviceInformationResponse');
    const before = camera.requests.length;
    await ask(session);
    expect([camera.requests.length - before, camera.refusals <= 1]).toEqual([1, true]);
  });

  test.each(manners)('F15: a wrong password by %s goes out twice at most, and then never again', async (_, guard) => {
    const camera = await start(guard);
    const wrong = async (): Promise<unknown> => {
      const session = await connect(camera, 'admin', 'wrong');
      await expect(ask(session)).rejects.toMatchObject({ code: 'camera_wrong_password' });
      await expect(Promise.all([ask(session), ask(session), ask(session)])).rejects.toMatchObject({
        code: 'camera_wrong_password',
      });
      return null;
    };
    if (guard.strict === true) {
      await expect(wrong()).rejects.toMatchObject({ code: 'camera_wrong_password' });
    } else await wrong();
    expect(camera.attempts).toBeGreaterThan(0);
    expect(camera.attempts).toBeLessThanOrEqual(2);
  });

  test('F15: ten calls at once with a wrong password are still two attempts at most', async () => {
    for (const guard of [{ wsse: true }, { http: ['MD5'] }] satisfies Partial<Guard>[]) {
      const camera = await start(guard);
      const session = await connect(camera, 'admin', 'wrong');
      const results = await Promise.allSettled(Array.from({ length: 10 }, () => ask(session)));
      expect(results.every((each) => each.status === 'rejected')).toBe(true);
      expect(camera.attempts).toBeLessThanOrEqual(2);
    }
  });

  test('F13: where digest and Basic are both offered, the password never goes out readable', async () => {
    const camera = await start({ http: ['basic', 'MD5', 'SHA-256'] });
    await ask(await connect(camera));
    expect(camera.requests.filter((each) => each.carried.includes('basic'))).toEqual([]);
  });

  test('F14: every printable character works in user names and passwords, in the message and over HTTP', async () => {
    const printable = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join('');
    const username = `u${printable.replace(':', '')}`;
    const password = `p${printable}ÄÖ漢😀`;
    for (const guard of [
      { wsse: true },
      { http: ['MD5'] },
      { http: ['SHA-256'] },
      { http: ['basic'] },
    ] satisfies Partial<Guard>[]) {
      const camera = await start({ ...guard, username, password });
      expect((await ask(await connect(camera, username, password))).name).toBe('GetDeviceInformationResponse');
    }
    const camera = await start({ wsse: true, http: ['MD5'] });
    for (const sign of `${printable}é`) {
      camera.guard.password = `a${sign}b${sign}`;
      const session = await connect(camera, 'admin', camera.guard.password);
      expect((await ask(session)).name, `with '${sign}'`).toBe('GetDeviceInformationResponse');
    }
  });

  test('a digest nonce that grows old is renewed without a refusal', async () => {
    const camera = await start({ http: ['MD5'], nonceUses: 2 });
    const session = await connect(camera);
    for (let i = 0; i < 7; i++) await ask(session);
    expect(camera.refusals).toBe(0);
    expect(camera.requests.filter((each) => each.status === 401).length).toBeGreaterThan(2);
  });

  test('a camera that refuses without a challenge is not asked in circles', async () => {
    const camera = await start({ wsse: true });
    const session = await connect(camera, 'admin', 'wrong');
    await expect(ask(session)).rejects.toThrow(/refused the user name or password.*Check both/s);
    expect(camera.requests.length).toBeLessThan(8);
  });

  test('without a user, a camera that wants one says so', async () => {
    const camera = await start({ wsse: true });
    const session = await connect(camera, null, null);
    await expect(ask(session)).rejects.toMatchObject({
      code: 'camera_wrong_password',
      message: "Camera 'Porch' asks for a user name and password. Enter the camera's user.",
    });
    expect(camera.attempts).toBe(0);
  });

  test('a user with too few rights is told so, and the connection goes on', async () => {
    const camera = await start({ wsse: true });
    camera.answers['SystemReboot'] = () => fault12('Sender', 'ter:NotAuthorized', 'Sender not authorized');
    const session = await connect(camera);
    for (const first of [true, false]) {
      await expect(ask(session, 'SystemReboot'), String(first)).rejects.toMatchObject({ code: 'not_offered' });
    }
    expect((await ask(session)).name).toBe('GetDeviceInformationResponse');
  });

  test('a password that was changed meanwhile ends the connection after one more look', async () => {
    const camera = await start({ wsse: true });
    const session = await connect(camera);
    await ask(session);
    camera.guard.password = 'changed';
    camera.attempts = 0;
    for (let i = 0; i < 5; i++) {
      await expect(ask(session, 'GetRelayOutputs')).rejects.toMatchObject({ code: 'camera_wrong_password' });
    }
    expect(camera.attempts).toBe(2);
  });

  test('no sentence and no error holds the password', async () => {
    const camera = await start({ http: ['MD5'], wsse: true });
    const session = await connect(camera, 'admin', 'marker-PASSWORD');
    const error = await ask(session).catch((each: unknown) => each);
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('marker');
  });
});

describe('the clock', () => {
  test.each([year, -year, -56 * year, 3_600_000])(
    'F17: a camera whose clock is off by %d ms is signed with its own time',
    async (clockMs) => {
      const camera = await start({ wsse: true, clockMs });
      const session = await connect(camera);
      expect(Math.abs(session.clockOffsetMs - clockMs)).toBeLessThan(2_000);
      await ask(session);
      expect(camera.refusals).toBe(0);
    },
  );

  test('F17: a camera whose clock steps while we are connected is read again and goes on', async () => {
    const camera = await start({ wsse: true, clockMs: -year });
    const session = await connect(camera);
    await ask(session);
    camera.guard.clockMs = 0;
    expect((await ask(session)).name).toBe('GetDeviceInformationResponse');
    expect(Math.abs(session.clockOffsetMs)).toBeLessThan(2_000);
  });

  test('F17: a clock that jumps with every look ends as a word about the clock, not the password', async () => {
    const camera = await start({ wsse: true });
    let told = 0;
    camera.answers['GetSystemDateAndTime'] = () => systemTime(Date.now() + ++told * 3_600_000);
    const session = await connect(camera);
    await expect(ask(session)).rejects.toMatchObject({ code: 'camera_clock' });
    expect(camera.attempts).toBe(2);
  });

  test('F17: a camera that tells its time only to those who know the password is signed with the time of its web server', async () => {
    // node:http sends Date with this machine's time, and so does the camera here.
    const camera = await start({ wsse: true, strict: true });
    await ask(await connect(camera));
    expect(camera.refusals).toBe(0);
  });

  test('F18: every request has a nonce of its own, and its time in whole seconds', async () => {
    const camera = await start({ wsse: true });
    const session = await connect(camera);
    await Promise.all(Array.from({ length: 40 }, () => ask(session)));
    expect(new Set(camera.tokens.map((token) => token.nonce)).size).toBe(camera.tokens.length);
    expect(camera.tokens.every((token) => /^\d{4}(-\d\d){2}T\d\d(:\d\d){2}Z$/.test(token.created))).toBe(true);
    expect([camera.tokens.length, camera.refusals]).toEqual([40, 0]);
  });
});
