/** What a person may mean by the address they typed: a stream to measure, or a device to ask. Pure. */
import { parseCameraUrl, type CameraUrl } from '#core/domain/camera-url.ts';
import { readOnvifAddress, type OnvifAddress } from '#core/domain/onvif-address.ts';

export type ProbeAddress =
  | { kind: 'stream'; stream: CameraUrl }
  /** `rtspPort`: the port that was typed is one of RTSP, so nobody needs to ask for ONVIF there. */
  | { kind: 'device'; device: OnvifAddress; rtspPort: boolean };

const rtspPorts = new Set([554, 8554, 10554, 7447]);

/** Throws `unsupported_source`. */
export function readProbeAddress(text: string, username: string | null, password: string | null): ProbeAddress {
  const typed = text.trim();
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(typed)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== 'http' && scheme !== 'https')
    return { kind: 'stream', stream: parseCameraUrl(typed, username, password) };
  const device = readOnvifAddress(typed, username, password);
  const rtspPort = rtspPorts.has(device.port);
  if (scheme === undefined && rtspPort && device.hasPath)
    return { kind: 'stream', stream: parseCameraUrl(`rtsp://${typed}`, username, password) };
  return { kind: 'device', device, rtspPort };
}
