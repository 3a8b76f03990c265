/**
 * The control port: faults, events and figures of the cameras of this process over HTTP, for tests and the curious.
 * Invariant: it listens on 127.0.0.1, answers only when addressed so, and nothing that came out of a web page (such requests
 * carry an Origin), so that no page can play with the cameras.
 */
import http from 'node:http';
import type net from 'node:net';
import { z } from 'zod';
import { HubError } from '#core/base/errors.ts';
import { cameraSignals } from '#core/domain/onvif.ts';
import type { VirtualOnvifCamera } from './camera-contract.ts';
import { faultNames, readFault } from './faults.ts';

const maxBodyBytes = 64 * 1024;
const eventSchema = z.strictObject({ signal: z.enum(cameraSignals), active: z.boolean() });

export class ControlServer {
  readonly #cameras: readonly VirtualOnvifCamera[];
  #server: http.Server | null = null;

  constructor(cameras: readonly VirtualOnvifCamera[]) {
    this.#cameras = cameras;
  }

  /** Resolves with the port. */
  async start(port: number): Promise<number> {
    const server = http.createServer((request, response) => {
      this.#answer(request).then(
        ({ status, body, type }) => response.writeHead(status, { 'Content-Type': type }).end(body),
        (error: unknown) => {
          const known = error instanceof HubError;
          const text = known ? error.message : 'This went wrong inside the virtual camera.';
          if (!known) process.emitWarning(String(error));
          response
            .writeHead(known ? error.httpStatus : 500, { 'Content-Type': 'application/json' })
            .end(`${JSON.stringify({ error: text })}\n`);
        },
      );
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    this.#server = server;
    return (server.address() as net.AddressInfo).port;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    server?.closeAllConnections();
    if (server) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  async #answer(request: http.IncomingMessage): Promise<{ status: number; body: string | Buffer; type: string }> {
    const text = await bodyOf(request);
    const host = (request.headers.host ?? '').replace(/:\d+$/, '');
    if (host !== '127.0.0.1' && host !== 'localhost')
      throw new HubError('forbidden_host', 'The control port is addressed as 127.0.0.1.');
    if (request.headers.origin !== undefined)
      throw new HubError('forbidden_origin', 'The control port is not for web pages.');
    const url = new URL(request.url ?? '/', 'http://control');
    const cameras = this.#named(url.searchParams.get('camera'));
    const json = (value: unknown): { status: number; body: string; type: string } => ({
      status: 200,
      body: `${JSON.stringify(value)}\n`,
      type: 'application/json',
    });
    switch (`${request.method ?? ''} ${url.pathname}`) {
      case 'POST /fault': {
        const fault = readFault(parseJson(text));
        for (const camera of cameras) await camera.fault(fault);
        return json({ fault });
      }
      case 'POST /event': {
        const event = eventSchema.safeParse(parseJson(text));
        if (!event.success)
          throw new HubError(
            'bad_request',
            `An event is {"signal":…,"active":true or false}, with a signal of ${cameraSignals.join(', ')}.`,
          );
        for (const camera of cameras) camera.raise(event.data.signal, event.data.active);
        return json({ event: event.data });
      }
      case 'GET /figures':
        return json(cameras.length === 1 ? cameras[0]?.figures() : cameras.map((camera) => camera.figures()));
      case 'GET /heard':
        return { status: 200, body: cameras[0]?.heard() ?? Buffer.alloc(0), type: 'audio/basic' };
      case 'GET /cameras':
        return json(this.#cameras.map(({ onvifUrl, rtspUrl, uuid }) => ({ onvifUrl, rtspUrl, uuid })));
      case 'GET /faults':
        return json(faultNames);
      default:
        throw new HubError(
          'not_found',
          'The control port knows POST /fault, POST /event, GET /figures, GET /heard, GET /cameras and GET /faults.',
        );
    }
  }

  /** `?camera=2` is the second; `all` is every one; without it the first. */
  #named(number: string | null): VirtualOnvifCamera[] {
    if (number === 'all') return [...this.#cameras];
    const camera = this.#cameras[Number(number ?? '1') - 1];
    if (!camera) throw new HubError('not_found', `There is no camera ${number ?? '1'}.`);
    return [camera];
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new HubError('bad_request', 'The request is not JSON.', { cause: error });
  }
}

async function bodyOf(request: http.IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > maxBodyBytes) throw new HubError('too_large', 'The request is too large.');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
