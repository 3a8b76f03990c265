import { describe, expect, it } from 'vitest';
import { defaultDetectSettings } from '#core/domain/detection.ts';
import type { CameraRecord } from '#core/domain/records.ts';
import type { AnalyserToHub, HubToAnalyser, StreamStatus } from '#core/domain/worker-protocol.ts';
import { Analysers } from '#core/hub/analysers.ts';
import type { Child } from '#core/hub/child-port.ts';
import { cameraRecord } from '../../support/camera-record.ts';

type Configure = Extract<HubToAnalyser, { type: 'configure' }>;
const own = { ...defaultDetectSettings, source: 'camera' } as const;
const g711 = { audio: { codec: 'pcmu', sampleRate: 8_000, channels: 1 } } as unknown as StreamStatus;

function analysers(cameras: CameraRecord[], status: StreamStatus | null): { parts: Analysers; last: () => Configure } {
  const sent: HubToAnalyser[] = [];
  const child: Child<HubToAnalyser, AnalyserToHub> = {
    name: 'analyser-0',
    running: true,
    onMessage: () => undefined,
    onSpawn: () => undefined,
    onEnd: () => undefined,
    start: () => undefined,
    send: (message) => sent.push(message) > 0,
    stop: () => Promise.resolve(),
    kill: () => undefined,
  };
  const parts = new Analysers({
    makeChild: () => child,
    cameras: () => cameras,
    status: () => status,
    previewsDir: '/tmp',
    snapshotsDir: '/tmp',
  });
  parts.setBus({ path: 'p', token: 't' });
  return { parts, last: () => sent.findLast((message) => message.type === 'configure') as Configure };
}

describe('a camera that detects by itself', () => {
  it('is given to no analyser, while the others are', async () => {
    const [quiet, seen] = [cameraRecord({ detect: own }), cameraRecord()];
    const { parts, last } = analysers([quiet, seen], null);
    await parts.start();
    expect(last().cameras.map(({ id }) => id)).toEqual([seen.id]);
  });

  it('starts no analyser where it is the only one', async () => {
    const { parts, last } = analysers([cameraRecord({ detect: own })], null);
    await parts.start();
    expect(last()).toBeUndefined();
  });

  it('still has its telephone sound made playable, with nothing decoded of its picture', async () => {
    const { parts, last } = analysers([cameraRecord({ detect: own })], g711);
    await parts.start();
    expect(last().cameras).toMatchObject([{ audioOnly: true, transcodeAudio: ['main'] }]);
  });

  it('is let go by its analyser when it is set so, and taken again when it is not', async () => {
    const cameras = [cameraRecord(), cameraRecord()];
    const { parts, last } = analysers(cameras, null);
    await parts.start();
    expect(last().cameras).toHaveLength(2);
    const [first] = cameras;
    if (!first) throw new Error('no camera');
    cameras[0] = { ...first, detect: own };
    parts.configure();
    expect(last().cameras).toHaveLength(1);
    cameras[0] = { ...first, detect: { ...own, source: 'both' } };
    parts.configure();
    expect(last().cameras).toHaveLength(2);
  });
});
