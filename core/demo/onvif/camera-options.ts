/** The command line of the virtual camera. */
import { parseArgs } from 'node:util';
import { HubError } from '#core/base/errors.ts';
import { parseFault, type WholeCameraFault } from './faults.ts';
import { serviceNames, type ServiceName } from './world.ts';

export const cameraUsage = `The virtual camera: an ONVIF camera that is not there.

  npm run camera -- [options]

  --onvif-port N    port of the ONVIF services (default 8081; 0 takes any free one)
  --rtsp-port N     port of the streams /main and /sub (default 8555; 0 takes any free one)
  --host ADDR       address to listen on (default 127.0.0.1: this machine only; 0.0.0.0: the whole network)
  --user NAME       with --password: who may look; without both, everyone may
  --password TEXT
  --name TEXT       what it calls itself (default "Virtual camera")
  --clip FILE       an mp4 with H.264 or H.265 to play in a loop; without it a drawn scene plays
  --sub-clip FILE   the same for the sub stream; without it the clip is made smaller
  --both-codecs     prepares the clip in the other encoding too, for the fault "codec"
  --audio KIND      aac, pcmu or none (default aac; without sound in the clip: none)
  --count N         so many cameras, on ports one after the other (default 1)
  --fault KIND      a fault from the start, e.g. clock:offsetMs=3600000; may be repeated (docs/guide/virtual-camera.md)
  --without NAMES   services it does not have, e.g. ptz,imaging (of ${serviceNames.slice(1).join(', ')})
  --no-talk         no loudspeaker
  --no-discovery    does not answer searches for cameras
  --control-port N  port of the control on 127.0.0.1 (default: any free one)
  --json            says that it is ready in one line of JSON
  --help
`;

export interface CameraOptions {
  onvifPort: number;
  rtspPort: number;
  host: string;
  username: string | null;
  password: string | null;
  name: string;
  clip: string | null;
  subClip: string | null;
  bothCodecs: boolean;
  audio: 'aac' | 'pcmu' | 'none';
  count: number;
  faults: WholeCameraFault[];
  without: ServiceName[];
  talk: boolean;
  discovery: boolean;
  controlPort: number;
  json: boolean;
  help: boolean;
}

const maxCameras = 64;

/** Throws `bad_request` with a sentence for a person. */
export function parseCameraOptions(args: readonly string[]): CameraOptions {
  const values = read(args);
  const username = values.user ?? null;
  const password = values.password ?? null;
  if ((username === null) !== (password === null)) throw bad('--user and --password go together.');
  const count = number('--count', values.count ?? '1', 1, maxCameras);
  const audio = values.audio ?? 'aac';
  if (audio !== 'aac' && audio !== 'pcmu' && audio !== 'none') throw bad('--audio is aac, pcmu or none.');
  if (values['sub-clip'] !== undefined && values.clip === undefined) throw bad('--sub-clip needs --clip.');
  const port = (name: 'onvif-port' | 'rtsp-port' | 'control-port', usual: string): number =>
    number(`--${name}`, values[name] ?? usual, 0, 65_535);
  const without = (values.without ?? '').split(',').filter(Boolean);
  return {
    onvifPort: port('onvif-port', '8081'),
    rtspPort: port('rtsp-port', '8555'),
    host: values.host ?? '127.0.0.1',
    username,
    password,
    name: values.name ?? 'Virtual camera',
    clip: values.clip ?? null,
    subClip: values['sub-clip'] ?? null,
    bothCodecs: values['both-codecs'] === true,
    audio,
    count,
    faults: (values.fault ?? []).map(parseFault),
    without: without.map((name) => {
      const service = serviceNames.find((one) => one === name && one !== 'device');
      if (!service) throw bad(`--without does not know the service ${name}.`);
      return service;
    }),
    talk: values['no-talk'] !== true,
    discovery: values['no-discovery'] !== true,
    controlPort: port('control-port', '0'),
    json: values.json === true,
    help: values.help === true,
  };
}

function read(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        'onvif-port': text,
        'rtsp-port': text,
        host: text,
        user: text,
        password: text,
        name: text,
        clip: text,
        'sub-clip': text,
        'both-codecs': flag,
        audio: text,
        count: text,
        fault: { type: 'string', multiple: true },
        without: text,
        'no-talk': flag,
        'no-discovery': flag,
        'control-port': text,
        json: flag,
        help: flag,
      },
    }).values;
  } catch (error) {
    throw bad(error instanceof Error ? error.message : 'The options are not understood.', error);
  }
}

function number(name: string, value: string, min: number, max: number): number {
  const parsed = Number(value);
  if (!/^\d+$/.test(value) || parsed < min || parsed > max) throw bad(`${name} is a number from ${min} to ${max}.`);
  return parsed;
}

const bad = (message: string, cause?: unknown): HubError => new HubError('bad_request', message, { cause });
