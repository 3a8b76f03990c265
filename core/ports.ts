/** The parts of the hub that live elsewhere, as the ports the hub's services know. Loaded when first needed, so that the start stays fast. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { errorText, HubError } from '#core/base/errors.ts';
import type { Logger } from '#core/base/logger.ts';
import type { Demo, DemoDeps } from '#core/domain/demo-protocol.ts';
import type { ModelJob, ModelJobToHub, SandboxJob, SandboxToHub } from '#core/domain/worker-protocol.ts';
import type { ModelPort } from '#core/hub/detector-link.ts';
import type { SegmentFiles } from '#core/hub/segment-files.ts';
import { repairSegment, SegmentError } from '#core/media/mp4/box-reader.ts';
import { readSegmentInit, readSegmentMedia } from '#core/media/mp4/segment-reader.ts';
import { runJob } from '#core/supervise/job.ts';

/** The file a child process of that name runs. */
export function workerEntry(name: string): string {
  return fileURLToPath(new URL(`./workers/${name}.ts`, import.meta.url));
}

export const segmentFiles: SegmentFiles = {
  async repair(path) {
    try {
      const scan = await repairSegment(path);
      if (scan.frames === 0 || scan.videoCodec === null) return null;
      return {
        durationMs: scan.durationMs,
        bytes: scan.validBytes,
        initBytes: scan.initBytes,
        frames: scan.frames,
        keyframes: scan.fragments
          .filter((fragment) => fragment.key)
          .map((fragment) => ({ offset: fragment.offset, timeMs: fragment.decodeMs })),
        videoCodec: scan.videoCodec,
        audioCodec: scan.audioCodec,
        width: scan.width,
        height: scan.height,
      };
    } catch (error) {
      if (error instanceof SegmentError && error.reason !== 'unreadable') return null;
      throw error;
    }
  },
  readInit: (path) => asNotFound(readSegmentInit(path)),
  readMedia: (path, range) => asNotFound(readSegmentMedia(path, range)),
};

async function asNotFound<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof SegmentError)) throw error;
    throw new HubError('not_found', 'This part of the recording is not there any more, or can not be read.', {
      cause: error,
    });
  }
}

const modelJobMs = 120_000;
const builtInName = 'built-in';

/** Models are made and tried in processes of their own: a broken one can at worst end that. */
export function detectionModels(folder: { models: string; cache: string }, logger: Logger): ModelPort {
  const cacheDir = join(folder.cache, 'models');
  const run = async <R>(job: ModelJob, read: (message: ModelJobToHub) => R | undefined): Promise<R> =>
    await runJob<ModelJobToHub, R>({
      name: 'model-job',
      entry: workerEntry('model-job'),
      job,
      read(message) {
        if (message.type === 'failed') throw new HubError(message.code, message.message);
        return read(message);
      },
      timeoutMs: modelJobMs,
      maxHeapMb: 1_024,
      logger,
    });
  const builtIn = (): Promise<string> =>
    run({ kind: 'built-in', cacheDir }, (message) => (message.type === 'built-in' ? message.path : undefined));
  const path = async (name: string): Promise<string> => {
    if (name === builtInName) return await builtIn();
    const { modelPath } = await import('#core/detect/user-models.ts');
    return modelPath(folder.models, name);
  };
  return {
    builtIn,
    path,
    async list() {
      const { listModels } = await import('#core/detect/user-models.ts');
      const bytes = statSync(join(cacheDir, 'centernet.onnx'), { throwIfNoEntry: false })?.size ?? 0;
      const users = listModels(folder.models).map((model) => ({ ...model, builtIn: false }));
      return [{ name: builtInName, bytes, builtIn: true }, ...users];
    },
    async selfTest(name) {
      const job = { kind: 'self-test', path: await path(name), name } as const;
      const { jpeg, ...result } = await run(job, (message) =>
        message.type === 'self-test' ? message.result : undefined,
      );
      const picture = jpeg ? `data:image/jpeg;base64,${Buffer.from(jpeg).toString('base64')}` : null;
      return { ...result, picture };
    },
  };
}

/** Makes one export. Rejects with the job's own sentence, or `unavailable`. */
export async function makeExport(
  job: SandboxJob,
  options: { timeoutMs: number; signal: AbortSignal; onProgress: (fraction: number) => void },
  logger: Logger,
): Promise<{ bytes: number }> {
  return await runJob<SandboxToHub, { bytes: number }>({
    name: 'sandbox',
    entry: workerEntry('sandbox'),
    job,
    read(message) {
      if (message.type === 'progress') options.onProgress(Math.min(1, Math.max(0, message.fraction)));
      if (message.type === 'failed') throw new HubError('internal', message.message);
      return message.type === 'done' ? { bytes: message.bytes } : undefined;
    },
    timeoutMs: options.timeoutMs,
    signal: options.signal,
    maxHeapMb: 512,
    logger,
  });
}

/** `add`: as the command line asked. A demo that is there already goes on. */
export interface DemoPort {
  start(add: boolean): Promise<void>;
  stop(): Promise<void>;
  /** Resolves when the camera is there, or after a while when drawing goes on. */
  add(): Promise<void>;
  remove(): Promise<void>;
}

/** A person waits this long for the answer; drawing goes on beyond it. */
const demoAnswerMs = 20_000;

/** The demo is loaded only where there is one or somebody asks for it. `deps` makes its processes, so it is called once. */
export function openDemo(exists: () => boolean, deps: () => DemoDeps, logger: Logger): DemoPort {
  let demo: Promise<Demo> | null = null;
  const load = (): Promise<Demo> =>
    (demo ??= import('#core/demo/demo.ts').then(({ createDemo }) => createDemo(deps())));
  const add = async (): Promise<void> => {
    const adding = (await load()).add();
    const late = new AbortController();
    try {
      await Promise.race([adding, wait(demoAnswerMs, undefined, { signal: late.signal, ref: false })]);
    } finally {
      late.abort();
    }
    adding.catch((error: unknown) => logger.error({ error: errorText(error) }, 'the demo could not be made'));
  };
  return {
    async start(wanted) {
      if (wanted) await add();
      else if (exists()) await (await load()).start();
    },
    async stop() {
      await (await demo)?.stop();
    },
    add,
    async remove() {
      if (demo || exists()) await (await load()).remove();
    },
  };
}
