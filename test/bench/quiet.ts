/**
 * One quiet camera, all of it: the hub and every child while a 1080p30 main stream is recorded and a 640x360@15 sub stream
 * is analysed in which nothing moves but sensor noise. Compared with Debian's `motion` doing the same job on the same camera.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startHub, until } from '../support/hub-process.ts';
import { quietMainClip, quietSubClip, whyNot } from './media.ts';
import { cpuOver, memoryMb, processTree } from './process-figures.ts';
import { startSource } from './source-process.ts';
import type { Bench } from './row.ts';
import { removeFolder } from '../support/remove-folder.ts';

const port = 17_556;
const warmUpS = 25;
const measureS = 40;

export const bench: Bench = async function* () {
  const reason = whyNot();
  if (reason !== null) {
    yield { what: 'quiet camera', skipped: reason };
    return;
  }
  const main = quietMainClip();
  const sub = quietSubClip();
  const source = await startSource(port, [main, sub]);
  try {
    const ours = await quietHub();
    yield {
      what: 'quiet camera, all processes (idle hub included)',
      measured: `${ours.cpu.toFixed(1)} CPU-s/camera-h, ${ours.rss.toFixed(0)} MB RSS in all`,
      against: `idle hub without a camera: ${ours.idle.toFixed(1)}`,
      target: '<= 40',
      met: ours.cpu <= 40,
    };
    if (spawnSync('motion', ['-h']).error) {
      yield { what: "against Debian's motion", skipped: 'motion is not installed' };
      return;
    }
    const peer = await debianMotion();
    const ratio = ours.cpu / peer;
    yield {
      what: 'quiet camera against motion (detect on sub, pass main through)',
      measured: `${ours.cpu.toFixed(1)} CPU-s/camera-h`,
      against: `motion: ${peer.toFixed(1)}`,
      ratio,
      target: '<= 0.4',
      met: ratio <= 0.4,
    };
  } finally {
    source.stop();
  }
};

async function quietHub(): Promise<{ cpu: number; idle: number; rss: number }> {
  const hub = await startHub({ port: 17_561 });
  try {
    const tree = (): number[] => processTree(hub.pid);
    await new Promise((resolve) => setTimeout(resolve, 10_000));
    const idle = await cpuOver(tree, 15);
    await hub.call('POST', '/api/cameras', {
      name: 'Quiet',
      url: `rtsp://127.0.0.1:${port}/0/main`,
      subUrl: `rtsp://127.0.0.1:${port}/1/sub`,
    });
    await until('the camera is live', 20, async () => {
      const { cameras } = await hub.call<{ cameras: { state: string }[] }>('GET', '/api/cameras');
      return cameras[0]?.state === 'live';
    });
    await new Promise((resolve) => setTimeout(resolve, warmUpS * 1000));
    const used = await cpuOver(tree, measureS);
    return { cpu: (used / measureS) * 3600, idle: (idle / 15) * 3600, rss: memoryMb(tree()).rss };
  } finally {
    await hub.stop();
  }
}

async function debianMotion(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'porchlight-bench-motion-'));
  const config = join(folder, 'motion.conf');
  writeFileSync(
    config,
    [
      'daemon off',
      `target_dir ${folder}`,
      `netcam_url rtsp://127.0.0.1:${port}/1/sub`,
      `netcam_high_url rtsp://127.0.0.1:${port}/0/main`,
      'netcam_params rtsp_transport=tcp',
      'width 640',
      'height 360',
      'framerate 5',
      'movie_output on',
      'movie_passthrough on',
      'emulate_motion on',
      'movie_max_time 60',
      'picture_output off',
      'webcontrol_port 0',
      'stream_port 0',
      'log_level 4',
    ].join('\n'),
  );
  const child = spawn('motion', ['-c', config, '-n'], { stdio: 'ignore', cwd: folder });
  try {
    await new Promise((resolve) => setTimeout(resolve, warmUpS * 1000));
    const used = await cpuOver(() => [child.pid ?? 0], measureS);
    return (used / measureS) * 3600;
  } finally {
    await new Promise((resolve) => {
      child.once('exit', resolve);
      child.kill('SIGKILL');
    });
    removeFolder(folder);
  }
}
