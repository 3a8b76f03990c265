/** Saves the picture on screen as a JPEG: the exact recorded one from the hub, or what the video element shows while live. */
import { api } from '../../client/api.ts';
import { wallAt } from './local-time.ts';

interface SavePictureInput {
  cameraId: string;
  cameraName: string;
  live: boolean;
  video: HTMLVideoElement | null;
  atMs: number;
  zone: string;
}

/** Throws an Error with a sentence for the person. */
export async function savePicture({ cameraId, cameraName, live, video, atMs, zone }: SavePictureInput): Promise<void> {
  const blob = live ? await ofVideo(video) : await ofHub(cameraId, atMs);
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = pictureName(cameraName, atMs, zone);
  link.click();
  // The download has taken its own hold by the next turn.
  window.setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

async function ofHub(cameraId: string, atMs: number): Promise<Blob> {
  const response = await fetch(api.urlOf('frame', { params: { cameraId }, query: { at: Math.round(atMs) } }), {
    credentials: 'same-origin',
  });
  if (!response.ok) throw new Error(`The picture could not be made (the hub answered ${response.status}).`);
  return response.blob();
}

function ofVideo(video: HTMLVideoElement | null): Promise<Blob> {
  if (!video || video.videoWidth === 0) return Promise.reject(new Error('There is no picture to save yet.'));
  const canvas = document.createElement('canvas');
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext('2d')?.drawImage(video, 0, 0);
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error('The browser could not save the picture.'))),
      'image/jpeg',
      0.92,
    );
  });
}

const two = (n: number): string => String(n).padStart(2, '0');

/** "Front-door_2026-11-22_14-32-07.jpg": safe on every system. */
export function pictureName(cameraName: string, atMs: number, zone: string): string {
  const wall = wallAt(atMs, zone);
  const name =
    cameraName
      .replace(/[^\p{L}\p{N}]+/gu, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 40) || 'camera';
  const day = `${wall.year}-${two(wall.month)}-${two(wall.day)}`;
  return `${name}_${day}_${two(wall.hour)}-${two(wall.minute)}-${two(wall.second)}.jpg`;
}
