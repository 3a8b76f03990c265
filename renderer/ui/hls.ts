/**
 * hls.js, loaded the first time something recorded is played. The light build: no subtitles, DRM or alternate audio, which
 * recordings don't have.
 */
import type Hls from 'hls.js';

export type HlsClass = typeof Hls;

let loading: Promise<HlsClass> | null = null;

export function loadHls(): Promise<HlsClass> {
  loading ??= import('hls.js/light').then((module) => module.default);
  // A chunk that could not be fetched (hub restarting) is asked for again the next time.
  loading.catch(() => (loading = null));
  return loading;
}
