import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { HubError, type ErrorCode } from '#core/base/errors.ts';
import { parseCameraUrl } from '#core/domain/camera-url.ts';
import type { DescribeOutcome } from '#core/domain/rtsp-guess.ts';
import { guessLimits, guessStreams, type GuessedStreams } from '#core/cameras/rtsp-paths.ts';

const list = JSON.parse(readFileSync(join(import.meta.dirname, '../../../resources/rtsp-paths.json'), 'utf8')) as {
  makers: {
    maker: string;
    port: number;
    hints: string[];
    paths: { main: string; sub: string | null }[];
    source: string;
  }[];
};
const limits = { ...guessLimits, pauseMs: 0 };

describe('the list of paths', () => {
  test('names some forty makers, each with a source, with paths that stand in an address and hold no password', () => {
    expect(list.makers.length).toBeGreaterThanOrEqual(38);
    for (const { maker, hints, paths, source, port } of list.makers) {
      expect(source.length, maker).toBeGreaterThan(10);
      expect(port).toBeGreaterThan(0);
      for (const hint of hints) expect(hint).toBe(hint.toLowerCase());
      for (const path of paths.flatMap(({ main, sub }) => [main, ...(sub === null ? [] : [sub])])) {
        const url = `rtsp://192.168.1.20${path}`;
        expect(parseCameraUrl(url)).toMatchObject({ url, username: null, password: null });
        expect(path, maker).not.toMatch(/\{|pass(word)?[=_][^_&]/i);
      }
    }
  });

  test('tries the paths of the makers that homes have most within the first dozen', async () => {
    const { asked } = await guess(() => nothing());
    const first = asked.slice(0, 12).map(pathOf);
    for (const path of [
      '/Streaming/Channels/101',
      '/cam/realmonitor?channel=1&subtype=0',
      '/Preview_01_main',
      '/stream1',
      '/axis-media/media.amp',
      '/videoMain',
      '/media/video1',
    ])
      expect(first).toContain(path);
  });
});

describe('guessing', () => {
  test('finds main and sub, and swaps them when the camera has them the other way round', async () => {
    const sizes: Record<string, number> = { '/stream1': 360, '/stream2': 1080 };
    const { result, asked } = await guess((url) => {
      const height = sizes[pathOf(url)];
      return height === undefined ? nothing() : video(height);
    });
    expect(result).toMatchObject({
      main: 'rtsp://192.168.1.20/stream2',
      sub: 'rtsp://192.168.1.20/stream1',
      tries: asked.length,
    });
    expect(result!.video.height).toBe(1080);
  });

  test('goes by what the camera says of itself', async () => {
    const { result, asked } = await guess((url) =>
      pathOf(url) === '/live/ch0' ? video(720) : nothing({ server: 'Hipcam RealServer/V1.0' }),
    );
    expect(asked.map(pathOf).slice(0, 3)).toEqual(['/Streaming/Channels/101', '/11', '/live/ch0']);
    expect(result!.make).toContain('Hipcam');
  });

  test('a camera that shows one stream at every path has no sub stream and no maker', async () => {
    const { result, asked } = await guess(() => video(720));
    expect(result).toMatchObject({ make: null, sub: null });
    expect(asked).toHaveLength(2);
  });

  test('F15: the first refused password ends it', async () => {
    const { error, asked } = await guess(() => failed('camera_wrong_password'));
    expect(error?.code).toBe('camera_wrong_password');
    expect(asked).toHaveLength(1);
  });

  test('F15: a password refused at the sub stream alone costs one try, and the main stream stands', async () => {
    const { result, asked } = await guess((url) =>
      pathOf(url) === '/Streaming/Channels/101' ? video(1080) : failed('camera_wrong_password'),
    );
    expect(result).toMatchObject({ main: 'rtsp://192.168.1.20/Streaming/Channels/101', sub: null });
    expect(asked).toHaveLength(2);
  });

  test('F12: a camera without a free connection is left alone', async () => {
    const { error, asked } = await guess(() => failed('camera_too_many_connections'));
    expect(error?.code).toBe('camera_too_many_connections');
    expect(asked).toHaveLength(1);
  });

  test('stops after forty tries, one at a time', async () => {
    let open = 0;
    const { result, asked } = await guess(async () => {
      expect(++open).toBe(1);
      await Promise.resolve();
      open--;
      return nothing();
    });
    expect(result).toBeNull();
    expect(asked).toHaveLength(40);
    expect(new Set(asked).size).toBe(40);
  });

  test('stops when its time is over', async () => {
    const { result, asked } = await guess(() => nothing(), { limits: { ...limits, totalMs: 0 } });
    expect(result).toBeNull();
    expect(asked).toHaveLength(0);
  });

  test('a camera that hangs up on wrong paths is asked on; one that is gone is given up', async () => {
    let count = 0;
    const { result } = await guess((url) => {
      if (pathOf(url) === '/stream1') return video(720);
      return ++count % 2 === 1 ? failed('camera_closed') : nothing();
    });
    expect(result!.main).toContain('/stream1');
    const { error, asked } = await guess(() => failed('camera_closed'));
    expect(error?.code).toBe('camera_closed');
    expect(asked).toHaveLength(3);
    const silent = await guess(() => failed('camera_silent'));
    expect(silent.asked).toHaveLength(1);
  });

  test('without a port, the other usual ones are tried where nothing listens at 554', async () => {
    const { result } = await guess(
      (url) => (url.includes(':8554/') ? video(720) : failed('camera_refused_connection')),
      { port: null },
    );
    expect(result!.main).toMatch(/^rtsp:\/\/192\.168\.1\.20:8554\//);
    const { error, asked } = await guess(() => failed('camera_refused_connection'), { port: null });
    expect(error?.message).toContain('554');
    expect(new Set(asked.map((url) => new URL(url).port))).toEqual(new Set(['', '88', '7070', '8554']));
  });

  test('a camera that only has motion JPEG is told so', async () => {
    const why = new HubError('camera_unsupported_codec', 'It sends Motion JPEG.');
    const { error } = await guess(() => ({ ...nothing(), kind: 'nothing', why }));
    expect(error).toBe(why);
  });

  test('an IPv6 address is written as one, with its zone', async () => {
    const { asked } = await guess(() => video(720), { host: 'fe80::1%eth0', port: 8554 });
    expect(asked[0]).toBe('rtsp://[fe80::1%25eth0]:8554/Streaming/Channels/101');
    expect(parseCameraUrl(asked[0]!).host).toBe('fe80::1%eth0');
  });

  test('cancelled, it asks nothing more', async () => {
    const abort = new AbortController();
    const asked: string[] = [];
    const guessing = guessStreams(
      { host: '192.168.1.20', port: 554 },
      (url) => {
        asked.push(url);
        abort.abort(new Error('closed the page'));
        return Promise.resolve(nothing());
      },
      abort.signal,
      { ...limits, pauseMs: 60_000 },
    );
    await expect(guessing).rejects.toThrow('closed the page');
    expect(asked).toHaveLength(1);
  });
});

function nothing(said: { server?: string; realm?: string } = {}): DescribeOutcome {
  return { server: '', realm: '', ...said, kind: 'nothing', why: null };
}
function video(height: number): DescribeOutcome {
  const width = (height * 16) / 9;
  return { server: '', realm: '', kind: 'video', video: { codec: 'h264', width, height, fingerprint: `${height}` } };
}
function failed(code: ErrorCode): DescribeOutcome {
  return { server: '', realm: '', kind: 'failed', error: new HubError(code, `At 554: ${code}`) };
}

function pathOf(url: string): string {
  return url.replace(/^rtsp:\/\/[^/]+/, '');
}

async function guess(
  respond: (url: string) => DescribeOutcome | Promise<DescribeOutcome>,
  options: { host?: string; port?: number | null; limits?: typeof limits } = {},
): Promise<{ result: GuessedStreams | null; error: HubError | null; asked: string[] }> {
  const asked: string[] = [];
  const ask = async (url: string): Promise<DescribeOutcome> => {
    asked.push(url);
    return await respond(url);
  };
  const { host = '192.168.1.20', port = 554 } = options;
  try {
    const result = await guessStreams({ host, port }, ask, new AbortController().signal, options.limits ?? limits);
    return { result, error: null, asked };
  } catch (error) {
    if (!(error instanceof HubError)) throw error;
    return { result: null, error, asked };
  }
}
