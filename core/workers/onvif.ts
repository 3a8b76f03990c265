/**
 * Process entry of ONVIF: speaks SOAP with all cameras, so that no byte of XML reaches the hub. Speaks HubToOnvif and
 * OnvifToHub over the fork channel. Invariants: every question is answered once, in time; what was set moving is stopped
 * before the process ends; a password that a camera refused is tried by nobody here for a while (F15).
 */
import { isDeepStrictEqual } from 'node:util';
import { systemClock } from '#core/base/clock.ts';
import { errorText, HubError, type ErrorCode } from '#core/base/errors.ts';
import type { CameraId } from '#core/domain/ids.ts';
import type { OnvifTarget, WatchStatus } from '#core/domain/onvif.ts';
import type { HubToOnvif, OnvifToHub, OnvifWatch } from '#core/domain/onvif-protocol.ts';
import { CallDesk } from '#core/cameras/onvif/call-desk.ts';
import { connectOnvif, type OnvifSession } from '#core/cameras/onvif/connection.ts';
import { DeadMan } from '#core/cameras/onvif/dead-man.ts';
import { discover } from '#core/cameras/onvif/discovery.ts';
import { createOperations } from '#core/cameras/onvif/operations.ts';
import { Watcher } from '#core/cameras/onvif/watch.ts';
import { listenToParent, sendToParent } from './parent.ts';
import { Talks } from './talks.ts';

/** Several at once are a page opened twice; each may send some hundred small requests. */
const mostSearches = 4;
const stopWithinMs = 1_500;

const send = (message: OnvifToHub): void => sendToParent(message);
const failed = (requestId: number, code: ErrorCode, message: string): void =>
  send({ type: 'failed', requestId, code, message });
/** The hub logs what a child prints on stderr. */
const log = (level: string, message: string, fields: object = {}): void => {
  process.stderr.write(`${JSON.stringify({ level, message, ...fields })}\n`);
};
const bug = (what: string, error: unknown): void =>
  log('error', `a mistake of ours: ${what}`, {
    error: errorText(error),
    stack: error instanceof Error ? error.stack : undefined,
  });

const connect = (target: OnvifTarget, signal: AbortSignal): Promise<OnvifSession> =>
  connectOnvif(target, {
    clock: systemClock,
    signal,
    onCertificate: ({ address, fingerprint }) => certificate(target, address, fingerprint),
  });
function certificate({ cameraId }: OnvifTarget, address: string, fingerprint: string): void {
  if (cameraId !== undefined) send({ type: 'certificate', cameraId, address, fingerprint });
}
const deadMan = new DeadMan((what, error) => {
  log('warn', 'what was set moving could not be stopped', { what, error: errorText(error) });
});
const desk = new CallDesk({
  clock: systemClock,
  connect,
  operations: createOperations({ deadMan, clock: systemClock }),
  to: { answer: (requestId, output) => send({ type: 'answer', requestId, output }), failed, bug },
});

const talks = new Talks({ clock: systemClock, send, bug, certificate });

// ---------------------------------------------------------------- searching

const searches = new Map<number, AbortController>();

async function search({ requestId, address, timeoutMs }: Extract<HubToOnvif, { type: 'discover' }>): Promise<void> {
  if (searches.size >= mostSearches) {
    failed(requestId, 'too_many', 'Cameras are being searched for already. Wait for that search to end.');
    return;
  }
  const abort = new AbortController();
  searches.set(requestId, abort);
  try {
    const { problems } = await discover(
      { address, timeoutMs },
      (device) => send({ type: 'found', requestId, device }),
      abort.signal,
    );
    send({ type: 'discovered', requestId, problems });
  } catch (error) {
    if (error instanceof HubError) failed(requestId, error.code, error.message);
    else {
      bug('discover', error);
      failed(
        requestId,
        'internal',
        'Porchlight made a mistake while it searched for cameras. The log has the details.',
      );
    }
  } finally {
    searches.delete(requestId);
  }
}

// ---------------------------------------------------------------- watching

const watched = new Map<CameraId, { wanted: OnvifWatch; watcher: Watcher }>();

function watch(wanted: OnvifWatch): void {
  const { cameraId, target } = wanted;
  const watcher = new Watcher({
    cameraId,
    target,
    connect: async (to, signal) => {
      desk.checkRefusal(to);
      return await connect(to, signal);
    },
    report: (report) => send({ type: 'report', report }),
    status: (status: WatchStatus) => {
      if (status.state === 'refused') desk.noteRefusal(target, status.message ?? 'The camera refused the password.');
      send({ type: 'watch-status', status });
    },
    bug: (error) => bug('watch', error),
  });
  watched.set(cameraId, { wanted, watcher });
  watcher.start();
}

async function watchAll(cameras: readonly OnvifWatch[]): Promise<void> {
  const wanted = new Map(cameras.map((camera) => [camera.cameraId, camera]));
  const old = [...watched].filter(([id, running]) => !isDeepStrictEqual(running.wanted, wanted.get(id)));
  for (const [id] of old) watched.delete(id);
  // Cameras allow few subscriptions: the old one is given back before a new one is asked for.
  await Promise.all(old.map(([, { watcher }]) => watcher.stop()));
  for (const [id, camera] of wanted) if (!watched.has(id)) watch(camera);
}

let watchQueue = Promise.resolve();

function handle(message: HubToOnvif): void | Promise<void> {
  switch (message.type) {
    case 'call':
      desk.take(message);
      return;
    case 'cancel':
      searches.get(message.requestId)?.abort();
      desk.cancel(message.requestId);
      return talks.close(message.requestId);
    case 'talk':
      return talks.open(message);
    case 'talk-audio':
      talks.audio(message);
      return;
    case 'discover':
      return search(message);
    case 'watch':
      return (watchQueue = watchQueue.then(() => watchAll(message.cameras)));
    case 'stop':
      return;
  }
}

// Ctrl-C reaches the whole group: the hub decides in which order its children end.
process.on('SIGINT', () => undefined);
listenToParent(handle, async () => {
  for (const abort of searches.values()) abort.abort();
  desk.stop();
  await Promise.all([
    talks.stop(),
    deadMan.stopAll(stopWithinMs),
    ...[...watched.values()].map(({ watcher }) => watcher.stop()),
  ]);
});
send({ type: 'ready' });
