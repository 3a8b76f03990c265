/**
 * The search for cameras, heard line by line: a camera is told as soon as it answers. What comes is a camera's word for itself,
 * so lines are bounded, checked against the contract, and passed over when they don't fit.
 */
import type { AnswerOf } from '#core/api/routes.ts';
import { discoverResult, foundDevice } from '#core/api/onvif-schemas.ts';
import { z } from 'zod';
import { ask } from './api.ts';

export type FoundDevice = AnswerOf<'discoverCameras'>['devices'][number];

const deviceLine = z.object({ device: foundDevice });
const lastLine = z.object({ problems: z.array(z.string()) });
const longestLine = 64_000;

interface Search {
  /** One address or a range of the own network; null: everything nearby. */
  address: string | null;
  signal: AbortSignal;
  onDevice: (device: FoundDevice) => void;
}

/** Resolves with what could not be searched, in words, when the search is over. Throws ApiError, or the abort. */
export async function discoverCameras({ address, signal, onDevice }: Search): Promise<string[]> {
  const body = address === null ? {} : { address };
  const response = await ask('discoverCameras', { body, signal }, 'application/x-ndjson');
  if (response.headers.get('content-type')?.startsWith('application/json') === true) {
    const whole = discoverResult.parse(await response.json());
    for (const device of whole.devices) onDevice(device);
    return whole.problems;
  }
  const problems: string[] = [];
  for await (const line of linesOf(response)) {
    const parsed: unknown = JSON.parse(line);
    const device = deviceLine.safeParse(parsed);
    if (device.success) onDevice(device.data.device);
    const last = lastLine.safeParse(parsed);
    if (last.success) problems.push(...last.data.problems);
  }
  return problems;
}

async function* linesOf(response: Response): AsyncGenerator<string> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (!reader) return;
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    const lines = (rest + value).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > longestLine) throw new Error('The hub sent a line that is too long.');
    for (const line of lines) if (line.trim() !== '') yield line;
  }
  if (rest.trim() !== '') yield rest;
}
