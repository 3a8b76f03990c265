/** What is found nearby is marked when it is at home already. */
import { describe, expect, it } from 'vitest';
import type { FoundDevice } from '#core/domain/onvif.ts';
import { Discovery } from '#core/hub/discovery.ts';
import { cameraRecord } from '../../support/camera-record.ts';

const found = (url: string): FoundDevice => ({
  endpoint: 'urn:uuid:1',
  url,
  address: new URL(url).hostname,
  name: null,
  make: null,
  model: null,
  location: null,
});
const never = new AbortController().signal;

async function marks(cameras: ReturnType<typeof cameraRecord>[], ...urls: string[]): Promise<(string | null)[]> {
  const seen: (string | null)[] = [];
  const discovery = new Discovery({
    discover(_address, _timeoutMs, onFound) {
      for (const url of urls) onFound(found(url));
      return Promise.resolve([]);
    },
    cameras: () => cameras,
  });
  await discovery.search({}, ({ addedAs }) => seen.push(addedAs), never);
  return seen;
}

describe('a device that was found', () => {
  it('is the camera that has its ONVIF address, at the same port', async () => {
    const camera = cameraRecord({ onvifUrl: 'http://10.0.0.2:8080/onvif/device_service' });
    expect(await marks([camera], 'http://10.0.0.2:8080/x', 'http://10.0.0.2/x', 'http://10.0.0.3:8080/x')).toEqual([
      camera.id,
      null,
      null,
    ]);
  });

  it('is the camera that streams from its host, where the home knows no ONVIF address of that one', async () => {
    const camera = cameraRecord({ url: 'rtsp://10.0.0.2:554/a' });
    expect(await marks([camera], 'http://10.0.0.2/x', 'http://10.0.0.3/x')).toEqual([camera.id, null]);
  });

  it('is never the demo camera', async () => {
    expect(await marks([cameraRecord({ url: 'rtsp://127.0.0.1:1/a', demo: true })], 'http://127.0.0.1/x')).toEqual([
      null,
    ]);
  });
});

it('two searches go on at once, a third is refused until one is over', async () => {
  const ends: (() => void)[] = [];
  const discovery = new Discovery({
    discover: () => new Promise((resolve) => ends.push(() => resolve([]))),
    cameras: () => [],
  });
  const search = (): Promise<string[]> => discovery.search({}, () => undefined, never);
  const first = search();
  const second = search();
  expect(search).toThrow(expect.objectContaining({ code: 'too_many' }) as Error);
  ends[0]?.();
  await first;
  const third = search();
  for (const end of ends) end();
  await Promise.all([second, third]);
});
