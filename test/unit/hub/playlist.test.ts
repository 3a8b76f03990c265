import { describe, expect, it } from 'vitest';
import { newCameraId } from '#core/domain/ids.ts';
import type { SegmentRecord } from '#core/domain/records.ts';
import { buildPlaylist } from '#core/hub/playlist.ts';

const cameraId = newCameraId();
function segment(startMs: number, keyMs: number[], endMs: number, change: Partial<SegmentRecord> = {}): SegmentRecord {
  return {
    cameraId,
    stream: 'main',
    startMs,
    endMs,
    bytes: 1_000,
    initBytes: 100,
    frames: 100,
    keyframes: keyMs.map((timeMs, index) => ({ offset: 100 + index, timeMs })),
    videoCodec: 'avc1.640028',
    audioCodec: null,
    width: 1920,
    height: 1080,
    damaged: false,
    ...change,
  };
}
const evenKeys = [0, 2_000, 4_000, 6_000, 8_000];

function read(text: string): { uri: string; seconds: number; startMs: number; endMs: number }[] {
  const lines = text.split('\n');
  return lines.flatMap((uri, index) => {
    if (!uri.includes('media.m4s')) return [];
    const query = new URLSearchParams(uri.split('?')[1]);
    return [
      {
        uri,
        seconds: Number(/#EXTINF:([\d.]+)/.exec(lines[index - 1] ?? '')?.[1]),
        startMs: Number(query.get('from')),
        endMs: Number(query.get('to')),
      },
    ];
  });
}

describe('playlists', () => {
  it('offer whole GOPs in pieces that touch, whose lengths are those announced', () => {
    const text = buildPlaylist([segment(100_000, evenKeys, 110_000), segment(110_000, evenKeys, 120_000)], 0, 1e9);
    const pieces = read(text);
    expect(pieces[0]?.startMs).toBe(100_000);
    expect(pieces.at(-1)?.endMs).toBe(120_000);
    for (const [index, piece] of pieces.entries()) {
      expect(piece.seconds * 1_000).toBeCloseTo(piece.endMs - piece.startMs);
      expect(piece.seconds).toBeLessThanOrEqual(4);
      if (index > 0) expect(piece.startMs).toBe(pieces[index - 1]?.endMs);
      expect(new URLSearchParams(piece.uri.split('?')[1]).get('epoch')).toBe('100000');
    }
    expect(text).not.toContain('DISCONTINUITY');
    expect(Number(/TARGETDURATION:(\d+)/.exec(text)?.[1])).toBeGreaterThanOrEqual(
      Math.max(...pieces.map((p) => p.seconds)),
    );
    expect(text.match(/EXT-X-MAP/g)).toHaveLength(2);
    expect(text.trim().endsWith('#EXT-X-ENDLIST')).toBe(true);
  });

  it('leave out what lies outside, and never ask for media before media time 0', () => {
    const pieces = read(buildPlaylist([segment(100_000, evenKeys, 110_000)], 105_000, 106_000));
    expect(pieces).toHaveLength(1);
    expect(pieces[0]?.startMs).toBeLessThanOrEqual(105_000);
    expect(pieces[0]?.uri).toContain(`epoch=${pieces[0]?.startMs ?? ''}`);
  });

  it('mark a gap, a change of size and a clock that was set back as discontinuities with the wall-clock time', () => {
    const cases = [
      segment(115_000, evenKeys, 125_000),
      segment(110_000, evenKeys, 120_000, { width: 640 }),
      segment(110_000, evenKeys, 120_000, { videoCodec: 'hvc1.1.6.L120.90' }),
      segment(105_000, evenKeys, 115_000),
    ];
    for (const second of cases) {
      const text = buildPlaylist([segment(100_000, evenKeys, 110_000), second], 0, 1e9);
      expect(text.match(/EXT-X-DISCONTINUITY/g)).toHaveLength(1);
      expect(text).toContain(`#EXT-X-PROGRAM-DATE-TIME:${new Date(second.startMs).toISOString()}`);
    }
  });

  it('of nothing are valid and empty', () => {
    expect(buildPlaylist([], 0, 1)).toMatch(/^#EXTM3U\n[\s\S]*#EXT-X-ENDLIST\n$/);
  });
});
