import { describe, expect, test } from 'vitest';
import { audioSpecificConfig, readAudioSpecificConfig } from '../../../../core/media/rtsp/aac-config.ts';
import { chooseAudio, opusSamples } from '../../../../core/media/rtsp/audio-depacketiser.ts';
import { parseSdp } from '../../../../core/media/rtsp/sdp.ts';

function open(rtpmap: string, fmtp = '') {
  const sdp = parseSdp(`m=audio 0 RTP/AVP 97\na=rtpmap:97 ${rtpmap}\n${fmtp === '' ? '' : `a=fmtp:97 ${fmtp}\n`}`)!;
  const frames: [number, number, string][] = [];
  const audio = chooseAudio(sdp.media[0]!.formats[0]!, (time, samples, data) =>
    frames.push([time, samples, data.toString('hex')]),
  );
  const packet = (hex: string, time: number, marker = true, gap = false): void => {
    const payload = Buffer.from(hex, 'hex');
    audio!.packet(payload, 0, payload.length, time, marker, gap);
  };
  return { audio, frames, packet };
}

const hbr = 'streamtype=5; mode=AAC-hbr; config=1408; SizeLength=13; IndexLength=3; IndexDeltaLength=3;';

describe('sound', () => {
  test('AAC-hbr: one frame, several frames, one frame in pieces', () => {
    const { audio, frames, packet } = open('MPEG4-GENERIC/16000/1', hbr);
    expect(audio!.config).toMatchObject({ codec: 'aac', codecString: 'mp4a.40.2', sampleRate: 16_000, channels: 1 });
    packet('0010 0018 aabbcc'.replaceAll(' ', ''), 1000);
    packet('0020 0010 0008 aabb cc'.replaceAll(' ', ''), 2024);
    packet('0010 0028 aabbcc'.replaceAll(' ', ''), 4072, false);
    packet('0010 0028 ddee'.replaceAll(' ', ''), 4072, true);
    expect(frames).toEqual([
      [1000, 1024, 'aabbcc'],
      [2024, 1024, 'aabb'],
      [3048, 1024, 'cc'],
      [4072, 1024, 'aabbccddee'],
    ]);
  });

  test('AAC: ADTS headers are taken off, a broken packet costs itself only', () => {
    const { frames, packet } = open('mpeg4-generic/16000/1', hbr);
    packet('001000d0aabb', 1); // announces more than is there
    packet('ffff', 2);
    packet('', 3);
    packet('0010004 8fff1600001 3ffc01'.replaceAll(' ', ''), 4, true, true); // ADTS, 9 bytes in all
    packet('00100010aabb', 5);
    expect(frames.at(-1)).toEqual([5, 1024, 'aabb']);
  });

  test('AAC without a configuration in the description gets one from its rtpmap', () => {
    const { audio } = open('MPEG4-GENERIC/48000/2', 'mode=AAC-hbr');
    expect(audio!.config).toMatchObject({ sampleRate: 48_000, channels: 2 });
    expect(readAudioSpecificConfig(audio!.config.config)).toMatchObject({
      objectType: 2,
      sampleRate: 48_000,
      channels: 2,
    });
    expect(Buffer.from(audioSpecificConfig(16_000, 1)).toString('hex')).toBe('1408');
  });

  test('MP4A-LATM with its configuration in the description', () => {
    const { audio, frames, packet } = open('MP4A-LATM/16000/1', 'cpresent=0; config=400028103fc0');
    expect(audio!.config).toMatchObject({ codec: 'aac', sampleRate: 16_000, channels: 1 });
    packet('03aabbcc', 9);
    packet('04aabb', 10, false);
    packet('ccdd', 10, true);
    expect(frames).toEqual([
      [9, 1024, 'aabbcc'],
      [10, 1024, 'aabbccdd'],
    ]);
    expect(open('MP4A-LATM/16000/1', 'cpresent=1').audio).toBeNull();
  });

  test('G.711 and Opus', () => {
    const pcmu = open('PCMU/8000');
    expect(pcmu.audio!.config).toMatchObject({ codec: 'pcmu', sampleRate: 8000, channels: 1, codecString: '' });
    pcmu.packet('aabbcc', 160);
    expect(pcmu.frames).toEqual([[160, 3, 'aabbcc']]);
    const opus = open('opus/48000/2');
    expect(opus.audio!.config).toMatchObject({ codec: 'opus', sampleRate: 48_000 });
    opus.packet('fcaabb', 960); // CELT, 20 ms, one frame
    expect(opus.frames).toEqual([[960, 960, 'fcaabb']]);
    expect(opusSamples(Buffer.from([0x01]), 0, 1)).toBe(960); // SILK 10 ms, two frames
    expect(opusSamples(Buffer.from([0x03]), 0, 1)).toBe(0);
  });

  test.each(['G726-32/8000', 'L16/44100', 'AMR/8000', 'FUTURE/1'])('%s is left out, not an error', (rtpmap) => {
    expect(open(rtpmap).audio).toBeNull();
  });
});
