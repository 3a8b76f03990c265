/** A TCP proxy between a camera and the recorder that damages what the camera sends: flips, drops, repeats and cuts bytes. */
import net from 'node:net';

export interface MutatingProxy {
  port: number;
  /** How many mutations were made so far. */
  mutations: () => number;
  /** Share of chunks that are damaged from now on, 0..1. */
  setRate: (rate: number) => void;
  stop: () => Promise<void>;
}

/** `random` gives numbers in [0, 1): pass a seeded one, so that a failure can be repeated. */
export async function startMutatingProxy(toPort: number, random: () => number): Promise<MutatingProxy> {
  let rate = 0;
  let count = 0;
  const sockets = new Set<net.Socket>();
  const server = net.createServer((client) => {
    const camera = net.connect(toPort, '127.0.0.1');
    for (const socket of [client, camera]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        camera.destroy();
      });
    }
    client.on('data', (chunk) => camera.write(chunk));
    camera.on('data', (chunk) => {
      if (random() >= rate) {
        client.write(chunk);
        return;
      }
      count++;
      const at = Math.floor(random() * chunk.length);
      const kind = random();
      if (kind < 0.5)
        for (let i = 0; i < 1 + random() * 8; i++)
          chunk[Math.floor(random() * chunk.length)] = Math.floor(random() * 256);
      else if (kind < 0.7)
        chunk = Buffer.concat([chunk.subarray(0, at), chunk.subarray(Math.min(chunk.length, at + 40))]);
      else if (kind < 0.85)
        chunk = Buffer.concat([
          chunk.subarray(0, at),
          chunk.subarray(0, Math.min(chunk.length, 200)),
          chunk.subarray(at),
        ]);
      else if (kind < 0.98)
        chunk = Buffer.concat([chunk.subarray(0, at), Buffer.from('$\x00\xff\xff'), chunk.subarray(at)]);
      client.write(chunk);
      // Now and then the connection breaks in the middle of a packet.
      if (kind >= 0.98) client.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    port: address.port,
    mutations: () => count,
    setRate: (value) => {
      rate = value;
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
