/** The longer answers of the fake hub. */
import type { AnswerOf } from '#core/api/routes.ts';
import type { Camera } from '#core/api/schemas.ts';

const dataUrl = (jpeg: Buffer): string => `data:image/jpeg;base64,${jpeg.toString('base64')}`;

export function fakeProbe(picture: Buffer): AnswerOf<'probeCamera'> {
  return {
    kind: 'rtsp',
    onvif: null,
    main: 'rtsp://192.0.2.20/stream1',
    sub: null,
    url: 'rtsp://192.0.2.20/stream1',
    video: {
      codec: 'h265',
      codecString: 'hvc1.1.6.L150.90',
      width: 3840,
      height: 2160,
      fps: 25,
      bitsPerSecond: 7_900_000,
      keyframeIntervalMs: 4000,
    },
    audio: { codec: 'pcma', sampleRate: 8000, channels: 1 },
    firstPictureMs: 840,
    picture: dataUrl(picture),
    advice: [
      'The camera sends H.265, which not every browser shows. Give the second stream as H.264.',
      'There are 4 s between keyframes. 2 s makes live view start sooner and seeking finer.',
    ],
  };
}

const sizes = [402e9, 311e9, 96e9, 58e9];

export function fakeStorage(cameras: Camera[]): AnswerOf<'storage'> {
  const usedBytes = cameras.reduce((sum, _camera, index) => sum + (sizes[index] ?? 1e9), 0);
  return {
    recordingsDir: '/srv/porchlight/recordings',
    usedBytes,
    freeBytes: 604e9,
    diskBytes: 2e12,
    limitBytes: 1.2e12,
    oldestMs: cameras.length === 0 ? null : Date.now() - 11.3 * 86_400_000,
    daysUntilFull: cameras.length === 0 ? null : 4.2,
    cameras: cameras.map((camera, index) => ({
      cameraId: camera.id,
      name: camera.name,
      bytes: sizes[index] ?? 1e9,
      bytesPerDay: (sizes[index] ?? 1e9) / 11.3,
    })),
    writable: true,
    problem: null,
  };
}

export const fakeDetector: AnswerOf<'detector'> = {
  state: 'ok',
  engine: 'native',
  model: 'built-in',
  meanMs: 11.4,
  message: null,
  models: [
    { name: 'built-in', bytes: 12_400_000, active: true, builtIn: true },
    { name: 'yolox-small.onnx', bytes: 35_900_000, active: false, builtIn: false },
  ],
};

export function fakeSelfTest(name: string, picture: Buffer): AnswerOf<'testModel'> {
  return {
    name,
    family: 'yolox',
    engine: 'native',
    meanMs: 38.2,
    detections: [{ label: 'car', score: 0.91, box: { x: 0.36, y: 0.52, w: 0.34, h: 0.28 } }],
    picture: dataUrl(picture),
    passed: true,
    message: 'The model found what is in the test picture.',
  };
}
