/**
 * Which independent clients of cameras are on this machine, each with the reason that a skipped test prints. Apart from
 * tools.ts because looking takes a moment that most tests need not pay.
 */
import { spawnSync } from 'node:child_process';

const missing = (what: string): string => `${what} is not here`;

export const whyNoGstreamer =
  spawnSync('/usr/bin/python3', [
    '-c',
    "import gi; gi.require_version('Gst', '1.0'); from gi.repository import Gst; Gst.init(None); exit(0 if Gst.ElementFactory.find('rtspsrc') and Gst.ElementFactory.find('avdec_h264') else 1)",
  ]).status === 0
    ? null
    : missing('GStreamer with its Python bindings');
export const whyNoCurl = spawnSync('curl', ['--version']).status === 0 ? null : missing('curl');
/** Debian's client of libonvif. */
export const whyNoOnvifUtil = spawnSync('onvif-util', ['-h']).error === undefined ? null : missing('onvif-util');
/** Two hosts on one cable need root, iproute2 and a kernel with namespaces and veth. */
export const whyNoNamespaces = ((): string | null => {
  if (process.getuid?.() !== 0) return missing('root (for network namespaces)');
  const name = `probe${process.pid}`;
  const made = spawnSync('ip', ['netns', 'add', name]).status === 0;
  const cable =
    made &&
    spawnSync('ip', ['-n', name, 'link', 'add', 'dev', 'end1', 'type', 'veth', 'peer', 'name', 'end2']).status === 0;
  if (made) spawnSync('ip', ['netns', 'del', name]);
  return cable ? null : missing('a kernel with network namespaces and veth');
})();
