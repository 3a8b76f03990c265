/** Live view over real sockets: the recorder's bus on one side, WebSocket viewers on the other, one of which stops reading. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { BusServer, type BusConnection } from '#core/base/local-bus.ts';
import { silentLogger } from '#core/base/logger.ts';
import type { CameraId } from '#core/domain/ids.ts';
import type { BusReply, BusRequest } from '#core/domain/worker-protocol.ts';
import { LiveBus } from '#core/hub/live-bus.ts';
import { serveLive } from '#core/hub/live-sockets.ts';
import { cameraRecord } from '../../support/camera-record.ts';

const fragmentBytes = 50_000;
const fragmentsPerGop = 10;
const closing: (() => unknown)[] = [];
afterEach(() => {
  for (const close of closing.splice(0).reverse()) close();
});

async function until(what: string, condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`Not within 5 s: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

interface Viewer {
  socket: WebSocket;
  /** The hub's end. */
  served: WebSocket;
  fragments: number[];
}

async function startLive(): Promise<{ view: () => Promise<Viewer>; send: () => number }> {
  const subscribed = new Map<number, BusConnection<BusRequest, BusReply>>();
  const server = new BusServer<BusRequest, BusReply>((connection) => {
    connection.onMessage = (request) => {
      if (request.t !== 'sub-live') return;
      subscribed.set(request.id, connection);
      const init = { t: 'live-init', id: request.id, mime: 'video/mp4', width: 640, height: 360, epochMs: 0 } as const;
      connection.send(init, Buffer.alloc(8));
    };
  });
  await server.listen();
  closing.push(() => server.close());
  const bus = new LiveBus(silentLogger);
  closing.push(() => bus.close());
  bus.use({ path: server.path, token: server.token });
  const door = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  closing.push(() => door.close());
  await once(door, 'listening');
  const camera = cameraRecord({ id: 'cabcdefghjkmn' as CameraId });
  door.on('connection', (socket) =>
    serveLive(socket, bus, camera, 'main', () => ({ state: 'streaming', message: null })),
  );
  let next = 0;
  return {
    view: async () => {
      const arrived = once(door, 'connection') as Promise<[WebSocket]>;
      const socket = new WebSocket(`ws://127.0.0.1:${(door.address() as AddressInfo).port}`);
      closing.push(() => socket.terminate());
      const viewer = { socket, fragments: [] as number[] };
      let begun = false;
      socket.on('message', (data: Buffer, binary: boolean) => {
        begun = true;
        if (binary && data.length === fragmentBytes) viewer.fragments.push(data.readUInt32BE(0));
      });
      const [served] = await arrived;
      await until('the init arrives', () => begun);
      return { ...viewer, served };
    },
    send: () => {
      const body = Buffer.alloc(fragmentBytes);
      body.writeUInt32BE(next, 0);
      for (const [id, connection] of subscribed)
        connection.send({ t: 'live-frag', id, key: next % fragmentsPerGop === 0, timeMs: next * 40 }, body);
      return next++;
    },
  };
}

it('F50: a viewer who does not read is not buffered for, delays nobody, and goes on at a keyframe', async () => {
  const live = await startLive();
  const reader = await live.view();
  const stalled = await live.view();
  stalled.socket.pause();
  let mostBytes = 0;
  const play = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) {
      const sent = live.send();
      await until('the viewer who reads has it', () => reader.fragments.at(-1) === sent);
      mostBytes = Math.max(mostBytes, stalled.served.bufferedAmount);
    }
  };
  // 40 MB: more than the kernel takes for a reader that does not read.
  await play(800);
  expect(mostBytes).toBeGreaterThan(2_000_000);
  expect(mostBytes).toBeLessThan(2_000_000 + 2 * fragmentBytes);

  stalled.socket.resume();
  await until('what was kept is sent', () => stalled.served.bufferedAmount === 0);
  await play(2 * fragmentsPerGop + 5);
  await until('the viewer who stalled sees the present', () => stalled.fragments.at(-1) === reader.fragments.at(-1));
  const jumps = stalled.fragments.filter((number, i) => i > 0 && number !== stalled.fragments[i - 1]! + 1);
  expect(jumps).toHaveLength(1);
  expect(jumps[0]! % fragmentsPerGop).toBe(0);
  expect(jumps[0]).toBeGreaterThanOrEqual(800);
  expect(reader.fragments).toEqual(Array.from({ length: 825 }, (_, i) => i));
});
