/** The search as a screen sees it: who has answered so far, and how it stands. Ended when the screen goes. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { discoverCameras, type FoundDevice } from '../../client/discover.ts';

export interface Discovery {
  /** `waiting`: not begun. `stopped`: on purpose, before its time. */
  state: 'waiting' | 'searching' | 'done' | 'stopped' | 'failed';
  /** In the order in which they answered. */
  devices: FoundDevice[];
  /** What could not be searched, in words. */
  problems: string[];
  error: Error | null;
  /** What is searched; null: everything nearby. */
  range: string | null;
}

const mostDevices = 256;
const nothing: Discovery = { state: 'waiting', devices: [], problems: [], error: null, range: null };

export function useDiscovery() {
  const [discovery, setDiscovery] = useState<Discovery>(nothing);
  const running = useRef<AbortController>(null);

  const stop = useCallback((): void => {
    running.current?.abort();
    running.current = null;
    setDiscovery((old) => (old.state === 'searching' ? { ...old, state: 'stopped' } : old));
  }, []);

  const search = useCallback((range: string | null): void => {
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    const { signal } = controller;
    const change = (next: (old: Discovery) => Discovery): void => {
      if (!signal.aborted) setDiscovery(next);
    };
    change(() => ({ ...nothing, state: 'searching', range }));
    discoverCameras({
      address: range,
      signal,
      onDevice: (device) => change((old) => ({ ...old, devices: withDevice(old.devices, device) })),
    }).then(
      (problems) => change((old) => ({ ...old, state: 'done', problems })),
      (error: unknown) =>
        change((old) => ({
          ...old,
          state: 'failed',
          error: error instanceof Error ? error : new Error(String(error)),
        })),
    );
  }, []);

  useEffect(
    () => () => {
      running.current?.abort();
      running.current = null;
    },
    [],
  );
  return { discovery, search, stop };
}

/** A camera that answers again is told once, with its latest word. */
function withDevice(devices: FoundDevice[], device: FoundDevice): FoundDevice[] {
  const at = devices.findIndex((other) => other.endpoint === device.endpoint && other.url === device.url);
  if (at >= 0) return devices.map((other, index) => (index === at ? device : other));
  return devices.length < mostDevices ? [...devices, device] : devices;
}
