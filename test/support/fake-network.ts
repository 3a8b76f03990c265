/**
 * A made-up network for the fake hub: cameras that answer a search and a try, each in its own way, and the drafts that are
 * shown before they are added. Cameras stand at 192.0.2.x; what every address does is in `cameras` and `refusals`.
 */
import type { ServerResponse } from 'node:http';
import { foundDevice, probeResult } from '#core/api/onvif-schemas.ts';
import type { AnswerOf } from '#core/api/routes.ts';
import { fakeProbe } from './fake-answers.ts';
import { Refusal } from './refusal.ts';

type Device = AnswerOf<'discoverCameras'>['devices'][number];
type Probe = AnswerOf<'probeCamera'>;
type Description = NonNullable<Probe['onvif']>;
type Profile = Description['profiles'][number];

export const goodUser = 'viewer';
export const goodPassword = 'p@ss/w:rd?#% "\\é';

function profile(
  host: string,
  token: string,
  name: string,
  source: string,
  size: [number, number],
  bits: number,
): Profile {
  return {
    token,
    name,
    service: 'media2',
    source,
    streamUrl: `rtsp://${host}:554/${token}`,
    snapshotUrl: null,
    video: {
      codec: size[0] > 3000 ? 'h265' : 'h264',
      width: size[0],
      height: size[1],
      fps: 15,
      bitsPerSecond: bits,
      keyframeEvery: 30,
      encoder: `encoder-${token}`,
    },
    audio: { codec: 'aac', sampleRate: 16_000, bitsPerSecond: 64_000 },
    ptz: false,
  };
}

const description = (host: string, make: string, model: string, profiles: Profile[]): Description => ({
  url: `http://${host}/onvif/device_service`,
  info: { make, model, firmware: '2.840.0', serial: 'A1B2C3', hardware: '1.0' },
  clock: { cameraMs: 0, offsetMs: 400, timeZone: 'CET-1', source: 'ntp' },
  profiles,
  chosen: { main: profiles[0]!.token, sub: profiles[1]?.token ?? null },
  ptz: null,
  imaging: null,
  events: null,
  relays: [],
  talk: false,
  problems: [],
});

const onvifResult = (onvif: Description, advice: string[] = []): Probe => ({
  kind: 'onvif',
  onvif,
  main: onvif.profiles[0]?.streamUrl ?? null,
  sub: onvif.profiles[1]?.streamUrl ?? null,
  url: onvif.url,
  audio: null,
  picture: null,
  advice,
});

const turning: Description = {
  ...description('192.0.2.31', 'Acme', 'Dome 40', [
    profile('192.0.2.31', 'main', 'Main stream', 'lens-1', [2560, 1440], 4_096_000),
    profile('192.0.2.31', 'sub', 'Sub stream', 'lens-1', [640, 360], 512_000),
    profile('192.0.2.31', 'third', 'Third stream', 'lens-1', [1280, 720], 1_024_000),
  ]),
  clock: { cameraMs: 0, offsetMs: -3 * 3_600_000 - 120_000, timeZone: 'CET-1', source: 'manual' },
  ptz: {
    profile: 'main',
    continuous: true,
    relative: true,
    absolute: true,
    centre: false,
    zoom: true,
    home: true,
    presets: 128,
  },
  imaging: {
    source: 'lens-1',
    brightness: { min: 0, max: 100 },
    contrast: null,
    saturation: null,
    sharpness: null,
    irCut: ['on', 'off', 'auto'],
    focus: { auto: true, continuous: true, relative: false, absolute: false },
  },
  events: { pullPoint: true, base: true, signals: ['motion', 'person', 'vehicle', 'line_crossing', 'input'] },
  relays: [{ token: 'r1', name: 'Relay 1' }],
  talk: true,
};
const twoLenses = description('192.0.2.32', 'Dahlia', 'Duo 2', [
  profile('192.0.2.32', 'left-main', 'Left main', 'left', [3840, 2160], 8_192_000),
  profile('192.0.2.32', 'left-sub', 'Left sub', 'left', [640, 360], 400_000),
  profile('192.0.2.32', 'right-main', 'Right main', 'right', [1920, 1080], 2_048_000),
  profile('192.0.2.32', 'right-sub', 'Right sub', 'right', [640, 480], 300_000),
]);
const blind: Description = {
  ...description('192.0.2.33', 'Acme', 'Bell 1', [
    { ...profile('192.0.2.33', 'p0', 'Profile', 'lens', [640, 480], 1), streamUrl: null },
  ]),
  problems: ['The camera gives no stream address for its profile “Profile”.'],
};

interface FakeCamera {
  needsPassword: boolean;
  result: Probe;
}

/** What is said where, word for word as a hub would. */
const refusals: Record<string, [string, string]> = {
  '192.0.2.41': ['camera_silent', '192.0.2.41 did not answer within 5 s. Check its power, its cable and the address.'],
  '192.0.2.42': ['camera_refused_connection', '192.0.2.42 refuses connections at port 80. Check the port.'],
  '192.0.2.43': ['camera_not_onvif', '192.0.2.43 answers, but not as an ONVIF camera.'],
  '192.0.2.44': ['camera_tls', 'The encrypted connection to 192.0.2.44 failed: its certificate is too weak.'],
  '192.0.2.45': ['camera_too_many_connections', '192.0.2.45 has no room for another viewer (RTSP 453).'],
  '192.0.2.46': [
    'camera_clock',
    'The clock of 192.0.2.46 is 312 days behind, and it refuses the sign-in because of it.',
  ],
  '192.0.2.47': ['camera_no_video', 'The stream of 192.0.2.47 holds no video.'],
  '192.0.2.48': ['camera_unsupported_codec', 'The stream of 192.0.2.48 is MPEG-4, which Porchlight does not record.'],
  '192.0.2.52': ['camera_path_not_found', '192.0.2.52 has no stream at /nothing (RTSP 404). Check the path.'],
  'porch.invalid': ['camera_host_not_found', 'There is no host named porch.invalid. Check the spelling.'],
};

const deviceAt = (host: string, make: string | null, model: string | null, addedAs: string | null = null): Device => ({
  endpoint: `urn:uuid:${host}`,
  url: `http://${host}/onvif/device_service`,
  address: host,
  name: null,
  make,
  model,
  location: null,
  addedAs,
});

export class FakeNetwork {
  /** Answers a search at once; more may be told with `answer`. */
  devices: Device[] = [
    deviceAt('192.0.2.31', 'Acme', 'Dome 40'),
    deviceAt('192.0.2.11', 'Acme', 'Turret 2', 'c000000000001'),
    deviceAt('192.0.2.32', 'Dahlia', 'Duo 2'),
  ];
  problems: string[] = [];
  /** While true a search goes on after its first devices. */
  searching = false;
  readonly cameras = new Map<string, FakeCamera>([
    ['192.0.2.31', { needsPassword: true, result: onvifResult(turning, ['Keyframes come every 2 s: good.']) }],
    ['192.0.2.32', { needsPassword: false, result: onvifResult(twoLenses) }],
    ['192.0.2.33', { needsPassword: false, result: onvifResult(blind) }],
  ]);
  /** Living drafts by id. */
  readonly drafts = new Map<string, unknown>();
  draftsMade = 0;
  /** Requests that the browser gave up. */
  readonly aborted: ('discover' | 'probe')[] = [];
  readonly #picture: () => Buffer;
  readonly #searches = new Set<ServerResponse>();

  constructor(picture: () => Buffer) {
    this.#picture = picture;
  }

  discover(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    response.on('close', () => {
      this.#searches.delete(response);
      if (!response.writableEnded) this.aborted.push('discover');
    });
    this.#searches.add(response);
    for (const device of this.devices) this.#line(response, { device: foundDevice.parse(device) });
    if (!this.searching) this.endSearch();
  }

  /** A camera answers now. */
  answer(host: string, make: string, model: string): void {
    const device = foundDevice.parse(deviceAt(host, make, model));
    for (const search of this.#searches) this.#line(search, { device });
  }

  endSearch(): void {
    for (const search of this.#searches) {
      this.#line(search, { problems: this.problems });
      search.end();
    }
  }

  #line(response: ServerResponse, line: object): void {
    response.write(`${JSON.stringify(line)}\n`);
  }

  async probe(body: unknown, response: ServerResponse): Promise<Probe> {
    const { url, username, password } = body as Record<'url' | 'username' | 'password', string | null | undefined>;
    const host = /^(?:[a-z]+:\/\/)?([^/:]+)/.exec(url ?? '')?.[1] ?? '';
    if (host === '192.0.2.49') {
      // Never answers: the browser has to give up.
      await new Promise((resolve) => response.once('close', resolve));
      this.aborted.push('probe');
    }
    const encrypted = /^(https|rtsps):/.test(url ?? '');
    const refusal = refusals[host];
    if (refusal && (refusal[0] !== 'camera_tls' || encrypted)) throw new Refusal(422, ...refusal);
    const camera = this.cameras.get(host);
    if (camera?.needsPassword === true && (username !== goodUser || password !== goodPassword))
      throw new Refusal(
        422,
        'camera_wrong_password',
        `Camera at ${host} refused the ${password ? 'user name or password' : 'sign-in: it wants a user name and password'}.`,
      );
    const result = camera?.result ?? { ...fakeProbe(this.#picture()), url: url ?? '', main: url ?? '' };
    return probeResult.parse(result);
  }

  addDraft(body: unknown): { id: string } {
    const id = `c${String(700 + this.draftsMade++).padStart(12, '0')}`;
    this.drafts.set(id, body);
    return { id };
  }

  removeDraft(id: string): void {
    if (!this.drafts.delete(id)) throw new Refusal(404, 'not_found', 'There is no such draft.');
  }
}
