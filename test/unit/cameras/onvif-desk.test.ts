import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { ManualClock } from '#core/base/clock.ts';
import { HubError } from '#core/base/errors.ts';
import type { OnvifTarget } from '#core/domain/onvif.ts';
import { CallDesk, type CallContext, type OperationTable } from '#core/cameras/onvif/call-desk.ts';
import type { OnvifSession } from '#core/cameras/onvif/connection.ts';
import { DeadMan } from '#core/cameras/onvif/dead-man.ts';
import { Lanes } from '#core/cameras/onvif/lanes.ts';

const target: OnvifTarget = { url: 'http://cam/', username: 'u', password: 'p', cameraName: 'Porch' };
const desks: CallDesk[] = [];
afterEach(() => {
  for (const desk of desks.splice(0)) desk.stop();
});

/** A desk whose cameras are made of functions: `reboot` does what the test says. */
function desk(work: (context: CallContext) => Promise<{ message: string }>) {
  const clock = new ManualClock();
  const said: { requestId: number; code: string; message: string }[] = [];
  const bugs: unknown[] = [];
  const heard = new Map<number, () => void>();
  let connected = 0;
  const made = new CallDesk({
    clock,
    connect: () => {
      connected++;
      return Promise.resolve({} as OnvifSession);
    },
    operations: {
      clock: async (_connection, _input, context) => {
        await work(context);
        return { cameraMs: 0, offsetMs: 0, timeZone: null, source: 'manual' };
      },
    } as Partial<OperationTable<CallContext>> as OperationTable<CallContext>,
    to: {
      answer: (requestId) => {
        said.push({ requestId, code: 'ok', message: '' });
        heard.get(requestId)?.();
      },
      failed: (requestId, code, message) => {
        said.push({ requestId, code, message });
        heard.get(requestId)?.();
      },
      bug: (_operation, error) => bugs.push(error),
    },
    limits: { waitingPerCamera: 2, perCamera: 1 },
  });
  desks.push(made);
  let next = 1;
  const ask = (to = target): Promise<string> => {
    const requestId = next++;
    const over = new Promise<void>((resolve) => heard.set(requestId, resolve));
    made.take({ type: 'call', requestId, target: to, operation: 'clock', input: {}, timeoutMs: 5_000 });
    return over.then(() => said.find((each) => each.requestId === requestId)?.code ?? '');
  };
  return { ask, clock, said, bugs, connected: () => connected };
}

describe('the desk for questions to cameras', () => {
  it('F15: a refused password is answered from memory for 30 s, then tried once more', async () => {
    let tries = 0;
    const { ask, clock, connected } = desk(() => {
      tries++;
      throw new HubError('camera_wrong_password', 'no');
    });
    expect([await ask(), await ask(), await ask()]).toEqual(Array(3).fill('camera_wrong_password'));
    expect(tries).toBe(1);
    expect(await ask({ ...target, password: 'other' })).toBe('camera_wrong_password');
    expect(tries).toBe(2);
    clock.advance(29_000);
    await ask();
    expect(tries).toBe(2);
    clock.advance(2_000);
    await ask();
    expect([tries, connected()]).toEqual([3, 3]);
  });

  it('keeps a connection between questions and lets it go when the camera fell silent', async () => {
    let code: 'camera_silent' | null = null;
    const { ask, connected } = desk(() => {
      if (code) throw new HubError(code, 'no');
      return Promise.resolve({ message: '' });
    });
    await ask();
    await ask();
    expect(connected()).toBe(1);
    code = 'camera_silent';
    await ask();
    code = null;
    expect(await ask()).toBe('ok');
    expect(connected()).toBe(2);
  });

  it('tells a mistake of ours to the log and a plain sentence to the hub', async () => {
    const mistake = new TypeError('x is not a function');
    const { ask, bugs, said } = desk(() => Promise.reject(mistake));
    expect(await ask()).toBe('internal');
    expect(bugs).toEqual([mistake]);
    expect(said[0]?.message).not.toContain('not a function');
  });

  it('takes no more than it can hold', async () => {
    const held = Promise.withResolvers<{ message: string }>();
    const { ask } = desk(() => held.promise);
    const asked = [ask(), ask(), ask(), ask()];
    expect(await asked[3]).toBe('too_many');
    held.resolve({ message: '' });
    expect(await Promise.all(asked.slice(0, 3))).toEqual(['ok', 'ok', 'ok']);
  });
});

describe('lanes', () => {
  it('run jobs of one order one after the other, in order, while others go beside them', async () => {
    const lanes = new Lanes(() => true);
    const ran: string[] = [];
    const first = Promise.withResolvers<undefined>();
    const job = (name: string, order: string | null, until?: Promise<unknown>): void => {
      lanes.add({ camera: 'a', key: 'a', order, urgent: false }, async () => {
        ran.push(name);
        await until;
      });
    };
    job('one', 'ptz', first.promise);
    job('two', 'ptz');
    job('three', 'ptz');
    job('beside', null);
    expect(ran).toEqual(['one', 'beside']);
    first.resolve(undefined);
    await wait(0);
    await wait(0);
    expect(ran).toEqual(['one', 'beside', 'two', 'three']);
  });
});

describe('the dead man', () => {
  it('gives up loudly on what can not be stopped, and waits no longer than told at the end', async () => {
    const failed: string[] = [];
    const deadMan = new DeadMan((what) => failed.push(what));
    deadMan.arm('hangs', 60_000, () => new Promise(() => undefined));
    deadMan.arm('fails', 60_000, () => Promise.reject(new Error('no')));
    const startMs = performance.now();
    await deadMan.stopAll(50);
    expect(performance.now() - startMs).toBeLessThan(1_000);
    expect(failed).toEqual(['fails']);
  });
});
