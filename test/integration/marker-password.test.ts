/**
 * A camera's password is nowhere but with the camera: it is added, tried, previewed, recorded and exported, and then everything
 * that the hub keeps, says and runs is searched for it, in every form in which it could have been written.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { routes } from '#core/api/routes.ts';
import type { Camera } from '#core/api/schemas.ts';
import { processTree } from '../bench/process-figures.ts';
import { startHub, until, type HubProcess } from '../support/hub-process.ts';
import { startOnvifCamera, type RunningOnvifCamera } from '../support/onvif-camera.ts';
import { removeFolder } from '../support/remove-folder.ts';

const marker = 'Mark3r-p@ss/w:rd';
const forms: Record<string, string> = {
  plain: marker,
  url: encodeURIComponent(marker),
  json: JSON.stringify(marker).slice(1, -1),
  base64: Buffer.from(marker).toString('base64').replace(/=+$/, ''),
  base64url: Buffer.from(marker).toString('base64url'),
  // As in Basic: the user name moves what follows in base64.
  basic: Buffer.from(`admin:${marker}`).toString('base64').replace(/=+$/, ''),
  hex: Buffer.from(marker).toString('hex'),
  utf16: Buffer.from(marker, 'utf16le').toString('latin1'),
  // A part is a leak, too: user information cut at the wrong place.
  part: 'Mark3r-p',
};
const user = { username: 'admin', password: marker };

let hub: HubProcess;
let camera: RunningOnvifCamera & { stop(): Promise<void> };
let dataDir: string;
const answers: { what: string; text: string }[] = [];

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'porchlight-marker-'));
  [hub, camera] = await Promise.all([startHub({ port: 29_770, dataDir }), startOnvifCamera({ ...user })]);
});
afterAll(async () => {
  await Promise.all([hub.stop(), camera.stop()]);
  removeFolder(dataDir);
});

/** Any answer, kept to be searched; errors are answers. */
async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
  const answer = await fetch(hub.base + path, {
    method,
    headers: {
      authorization: `Bearer ${hub.token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const bytes = Buffer.from(await answer.arrayBuffer());
  const text = `${JSON.stringify([...answer.headers])}${bytes.toString('latin1')}`;
  answers.push({ what: `${method} ${path}`, text });
  const isJson = answer.headers.get('content-type')?.startsWith('application/json') ?? false;
  return (isJson ? JSON.parse(bytes.toString()) : undefined) as T;
}

function found(text: string): string[] {
  return Object.entries(forms).flatMap(([form, needle]) => (text.includes(needle) ? [form] : []));
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
}

it('the search itself finds each form', () => {
  for (const [form, needle] of Object.entries(forms)) expect(found(`x${needle}y`)).toContain(form);
});

it('a password is in no answer, file, log, export, command line or environment', async () => {
  const inUrl = camera.url.replace('rtsp://', `rtsp://admin:${encodeURIComponent(marker)}@`);
  const bare = `127.0.0.1:${camera.onvifPort}`;
  // Four at a time are let in.
  await Promise.all([
    ask('POST', '/api/cameras/probe', { url: bare, ...user }),
    ask('POST', '/api/cameras/probe', { url: inUrl }),
    ask('POST', '/api/cameras/probe', { url: `rtsp://admin:${marker}@127.0.0.1:1/x` }),
    ask('POST', '/api/cameras/probe', { url: camera.onvifUrl, username: 'nobody', password: marker }),
  ]);
  await ask('POST', '/api/cameras/probe', { url: `ftp://admin:${marker}@127.0.0.1/x` });
  const onvif = await ask<Camera>('POST', '/api/cameras', {
    name: 'By ONVIF',
    onvifUrl: `http://admin:${encodeURIComponent(marker)}@${bare}`,
    detect: { source: 'both' },
  });
  const rtsp = await ask<Camera>('POST', '/api/cameras', { name: 'By stream', url: inUrl, onvifUrl: camera.onvifUrl });
  const wrong = await ask<Camera>('POST', '/api/cameras', {
    name: 'Refused',
    url: camera.subUrl,
    onvifUrl: camera.onvifUrl,
    username: 'nobody',
    password: marker,
  });
  const { id: draft } = await ask<{ id: string }>('POST', '/api/cameras/drafts', { url: inUrl });
  for (const what of ['ptz', 'imaging', 'care']) await ask('GET', `/api/cameras/${onvif.id}/${what}`);
  await ask('PATCH', `/api/cameras/${rtsp.id}`, { password: marker, name: 'By its stream' });
  await until('it is recorded and the wrong user is refused', 20, async () => {
    const { cameras } = await ask<{ cameras: Camera[] }>('GET', '/api/cameras');
    const of = (id: string): Camera | undefined => cameras.find((one) => one.id === id);
    return of(onvif.id)?.streams[0]?.recording && of(wrong.id)?.state === 'wrong_password';
  });
  await ask('DELETE', `/api/cameras/drafts/${draft}`);
  await exported(onvif.id);
  for (const [name, route] of Object.entries(routes)) {
    const isPlain = route.method === 'GET' && !route.path.includes(':') && !('webSocket' in route);
    if (isPlain) await ask('GET', name === 'recordings' ? `${route.path}?from=0&to=${Date.now()}` : route.path);
  }

  for (const { what, text } of answers) expect([what, found(text)]).toEqual([what, []]);
  for (const pid of processTree(hub.pid)) {
    expect(['command line', found(ofProcess(pid, 'cmdline'))]).toEqual(['command line', []]);
    expect(['environment', found(ofProcess(pid, 'environ'))]).toEqual(['environment', []]);
  }
  await hub.stop(); // what is still in memory reaches the disk
  const files = filesBelow(dataDir);
  expect(files.some((path) => path.endsWith('.log') || path.includes('log'))).toBe(true);
  for (const path of files) expect([path, found(readFileSync(path, 'latin1'))]).toEqual([path, []]);
});

/** Of the running processes of the hub; '' for one that ended meanwhile. */
function ofProcess(pid: number, file: 'cmdline' | 'environ'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' && (error as NodeJS.ErrnoException).code !== 'ESRCH')
      throw error;
    return '';
  }
}

async function exported(cameraId: string): Promise<void> {
  const span = await until('two seconds are recorded', 15, async () => {
    const path = `/api/recordings?cameraId=${cameraId}&from=0&to=${Date.now() + 60_000}`;
    const { spans } = await ask<{ spans: { startMs: number; endMs: number }[] }>('GET', path);
    return spans.find(({ startMs, endMs }) => endMs - startMs > 2_000);
  });
  const body = { cameraId, from: Math.ceil(span.startMs), to: Math.ceil(span.startMs) + 1_500 };
  const { id } = await ask<{ id: string }>('POST', '/api/exports', body);
  await until('the export is done', 20, async () => {
    const { state } = await ask<{ state: string }>('GET', `/api/exports/${id}`);
    return state === 'done';
  });
  await ask('GET', `/api/exports/${id}/file`);
}
