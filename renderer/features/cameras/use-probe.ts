/** Trying an address. One try at a time; a new one, Cancel and leaving the screen abort the request, and the hub stops asking. */
import type { AnswerOf } from '#core/api/routes.ts';
import type { probeRequest } from '#core/api/onvif-schemas.ts';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { z } from 'zod';
import { api } from '../../client/api.ts';

export type ProbeRequest = z.input<typeof probeRequest>;
export type ProbeResult = AnswerOf<'probeCamera'>;
type Answer = { result: ProbeResult } | { error: Error } | 'cancelled';

interface Probe {
  pending: boolean;
  error: Error | null;
  result: ProbeResult | null;
}
const idle: Probe = { pending: false, error: null, result: null };

export function useProbe() {
  const [probe, setProbe] = useState<Probe>(idle);
  const running = useRef<AbortController>(null);

  const cancel = useCallback((): void => {
    running.current?.abort();
    running.current = null;
    setProbe((old) => (old.pending ? idle : old));
  }, []);
  const reset = useCallback((): void => {
    running.current?.abort();
    running.current = null;
    setProbe(idle);
  }, []);
  const ask = useCallback(async (body: ProbeRequest): Promise<Answer> => {
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    setProbe({ ...idle, pending: true });
    try {
      const result = await api.call('probeCamera', { body, signal: controller.signal });
      if (controller.signal.aborted) return 'cancelled';
      setProbe({ ...idle, result });
      return { result };
    } catch (cause) {
      if (controller.signal.aborted) return 'cancelled';
      const error = cause instanceof Error ? cause : new Error(String(cause));
      setProbe({ ...idle, error });
      return { error };
    }
  }, []);
  useEffect(() => () => running.current?.abort(), []);
  return { ...probe, ask, cancel, reset };
}
