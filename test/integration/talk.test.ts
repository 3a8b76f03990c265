/** Speaking through a camera, all the way: a page's socket, the hub, its process, the camera's loudspeaker. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { g711ToFloat } from '../../core/media/codec/g711.ts';
import { startHub, until, type HubProcess } from '../support/hub-process.ts';
import { startOnvifCamera } from '../support/onvif-camera.ts';

type Said = { type: 'ready'; sampleRate: number } | { type: 'failed'; code: string; message: string };
let hub: HubProcess;
beforeAll(async () => {
  hub = await startHub({ port: 30_950 });
}, 60_000);
afterAll(() => hub.stop());

async function addCamera(name: string, url: string): Promise<string> {
  const added = await hub.call<{ id: string }>('POST', '/api/cameras', {
    name,
    url,
    username: 'admin',
    password: 'se:cr@t/1',
    record: 'off',
    detect: { enabled: false },
  });
  return added.id;
}

/** A page that speaks: what the hub said, in order. */
async function speak(id: string): Promise<{ socket: WebSocket; said: Said[] }> {
  const socket = new WebSocket(`${hub.base.replace('http', 'ws')}/api/cameras/${id}/talk`, {
    headers: { authorization: `Bearer ${hub.token}` },
  });
  const said: Said[] = [];
  socket.on('message', (data: Buffer) => said.push(JSON.parse(data.toString()) as Said));
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  return { socket, said };
}

/** 440 Hz at half of full scale, 16-bit little-endian. */
function tone(samples: number): Buffer {
  const out = Buffer.alloc(samples * 2);
  for (let i = 0; i < samples; i++)
    out.writeInt16LE(Math.round(16_384 * Math.sin((2 * Math.PI * 440 * i) / 8_000)), i * 2);
  return out;
}

describe('speaking through a camera', () => {
  it('what is said arrives as it was said, one speaker at a time, and the session ends with the page', async () => {
    const camera = await startOnvifCamera({ username: 'admin', password: 'se:cr@t/1' });
    try {
      const id = await addCamera('Door', camera.url);
      const { socket, said } = await speak(id);
      await until('the camera listens', 10, () => Promise.resolve(said.length > 0));
      expect(said[0]).toEqual({ type: 'ready', sampleRate: 8_000 });

      const second = await speak(id).catch((error: unknown) => String(error));
      expect(second).toContain('409');

      const sent = tone(8_000);
      // As a page does it: 40 ms at a time, in time.
      for (let at = 0; at < sent.length; at += 640) {
        socket.send(sent.subarray(at, at + 640));
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      await until('it was heard', 15, async () => (await camera.heard()).length >= 8_000);
      const heard = g711ToFloat('pcmu', await camera.heard());
      expect(heard).toHaveLength(8_000);
      for (let i = 0; i < 8_000; i++)
        expect(Math.abs((heard[i] ?? 0) - sent.readInt16LE(i * 2) / 32_768), `sample ${i}`).toBeLessThan(0.02);

      const { teardowns } = (await camera.figures()).rtsp;
      socket.close();
      await until('the camera is left', 15, async () => (await camera.figures()).rtsp.teardowns > teardowns);
      const { socket: again, said: saidAgain } = await speak(id);
      await until('the next may speak', 10, () => Promise.resolve(saidAgain[0]?.type === 'ready'));
      again.close();
    } finally {
      await camera.stop();
    }
  });

  it('a camera without a loudspeaker, a refused password and a camera that goes away are told in words', async () => {
    const mute = await startOnvifCamera({ username: 'admin', password: 'se:cr@t/1', talk: false });
    const locked = await startOnvifCamera({ username: 'admin', password: 'another' });
    const leaving = await startOnvifCamera({ username: 'admin', password: 'se:cr@t/1' });
    try {
      const failure = async (url: string): Promise<Said | undefined> => {
        const { said } = await speak(await addCamera('Gate', url));
        await until('an answer', 15, () => Promise.resolve(said.length > 0));
        return said[0];
      };
      expect(await failure(mute.url)).toMatchObject({ type: 'failed', code: 'not_offered' });
      expect(await failure(locked.url)).toMatchObject({ type: 'failed', code: 'camera_wrong_password' });

      const { said } = await speak(await addCamera('Garage', leaving.url));
      await until('it listens', 10, () => Promise.resolve(said[0]?.type === 'ready'));
      await leaving.stop();
      await until('the end is told', 10, () => Promise.resolve(said.length > 1));
      expect(said[1]).toMatchObject({ type: 'failed', code: 'camera_closed' });
    } finally {
      await Promise.all([mute.stop(), locked.stop(), leaving.stop()]);
    }
  });
});
