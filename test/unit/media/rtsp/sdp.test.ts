import { describe, expect, test } from 'vitest';
import { chooseTracks } from '../../../../core/media/rtsp/choose-tracks.ts';
import { parseSdp } from '../../../../core/media/rtsp/sdp.ts';
import {
  baseUrl,
  controlUrl,
  parseMessage,
  parseSession,
  parseTransport,
  type RtspResponse,
} from '../../../../core/media/rtsp/rtsp-message.ts';
import { sampleSdp } from '../../../support/rtsp-script-server.ts';

const place = { title: "Camera 'Porch'", host: '10.0.0.2', port: 554, tls: false };

describe('session descriptions', () => {
  test('F11: no v=, o= or s= line, bare LF, spaces and semicolons at line ends', () => {
    const text =
      'm=video 0 RTP/AVP 96 \na=rtpmap:96 h264/90000 \na=fmtp:96 packetization-mode=1; profile-level-id=42001f; \na=control:trackID=1; \n';
    const media = parseSdp(text)!.media[0]!;
    expect(media).toMatchObject({ type: 'video', control: 'trackID=1' });
    expect(media.formats[0]).toMatchObject({ payloadType: 96, encoding: 'H264', clockRate: 90_000 });
    expect([...media.formats[0]!.parameters.keys()]).toEqual(['packetization-mode', 'profile-level-id']);
  });

  test('F11: parameter sets whose base64 ends in = are kept whole, and a missing rtpmap is made up for', () => {
    const text = 'v=0\r\nm=video 0 RTP/AVP 97\r\na=fmtp:97 sprop-parameter-sets=Z2QA,aO48sA==\r\n';
    expect(chooseTracks(place, text).video).toMatchObject({ codec: 'h264', format: { payloadType: 97 } });
    expect(parseSdp(text)!.media[0]!.formats[0]!.parameters.get('sprop-parameter-sets')).toBe('Z2QA,aO48sA==');
  });

  test('a talk-back channel is not taken for the sound (ONVIF)', () => {
    const text = `${sampleSdp}a=recvonly\r\nm=audio 0 RTP/AVP 8\r\na=sendonly\r\na=control:talk\r\nm=audio 0 RTP/AVP 0\r\na=recvonly\r\na=control:hear\r\n`;
    expect(chooseTracks(place, text).audio.map((a) => a.control)).toEqual(['hear']);
    const plain = `${sampleSdp}a=sendonly\r\nm=audio 0 RTP/AVP 8\r\na=sendonly\r\na=control:hear\r\n`;
    expect(chooseTracks(place, plain).audio.map((a) => a.control)).toEqual(['hear']);
  });

  test.each([
    ['not a description', '<html><body>Welcome</body></html>', 'camera_bad_description'],
    ['an empty one', '', 'camera_bad_description'],
    ['sound only', 'v=0\r\nm=audio 0 RTP/AVP 0\r\n', 'camera_no_video'],
    ['Motion JPEG', 'v=0\r\nm=video 0 RTP/AVP 26\r\n', 'camera_unsupported_codec'],
    ['an unknown codec', 'v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 VP9/90000\r\n', 'camera_unsupported_codec'],
  ])('says what is wrong with %s', (_what, text, code) => {
    expect(() => chooseTracks(place, text)).toThrow(expect.objectContaining({ code }));
  });

  test('a codec that can not be recorded is named', () => {
    expect(() => chooseTracks(place, 'm=video 0 RTP/AVP 26\n')).toThrow(
      /Camera 'Porch' sends its video as Motion JPEG/,
    );
    expect(() => chooseTracks(place, 'm=video 0 RTP/AVP 96\na=rtpmap:96 AV\u0007X/90000\n')).toThrow(/as AV X,/);
  });
});

describe('messages', () => {
  const response = (headers: string): RtspResponse =>
    parseMessage(`RTSP/1.0 200 OK\r\n${headers}`, Buffer.alloc(0)) as RtspResponse;

  test('headers are read whatever their case and spacing', () => {
    expect(response('cseq : 4\r\nSESSION:12 ;timeout=10\r\nnonsense').headers.get('session')).toBe('12 ;timeout=10');
    expect(parseSession('12345678 ; timeout = 10')).toEqual({ id: '12345678', timeoutSeconds: 10 });
    expect(parseSession('ab;timeout=0')).toEqual({ id: 'ab', timeoutSeconds: null });
    expect(parseTransport('RTP/AVP/TCP;unicast;interleaved=2-3;ssrc=1A2b3C4d;mode="PLAY"')).toEqual({
      channel: 2,
      ssrc: 0x1a2b3c4d,
    });
    expect(parseTransport('RTP/AVP;unicast')).toEqual({ channel: null, ssrc: null });
  });

  test.each([
    ['rtsp://h/s/', 'track1', 'rtsp://h/s/track1'],
    ['rtsp://h/s', 'track1', 'rtsp://h/s/track1'],
    ['rtsp://h/s?a=1&b=2', 'trackID=1', 'rtsp://h/s?a=1&b=2/trackID=1'],
    ['rtsp://h/s/', '*', 'rtsp://h/s/'],
    ['rtsp://h/s/', null, 'rtsp://h/s/'],
    ['rtsp://h/s/', 'rtsp://h/other/1', 'rtsp://h/other/1'],
    ['rtsp://h/s/', 'rtsp://rtsp://h/other/1', 'rtsp://h/other/1'],
    ['rtsp://h/s/', '/s/track1', 'rtsp://h/s/track1'],
  ])('F11: the control URL of %s and %s', (base, control, url) => {
    expect(controlUrl(base, control)).toBe(url);
  });

  test('F11: Content-Base without a scheme, doubled, or empty', () => {
    const request = 'rtsp://10.0.0.2:554/s';
    expect(baseUrl(response('Content-Base: 10.0.0.2:554/s/'), request)).toBe('rtsp://10.0.0.2:554/s/');
    expect(baseUrl(response('Content-Base: rtsp://rtsp://10.0.0.2/s/'), request)).toBe('rtsp://10.0.0.2/s/');
    expect(baseUrl(response('Content-Base: /s/'), request)).toBe('rtsp://10.0.0.2:554/s/');
    expect(baseUrl(response('Content-Base:'), request)).toBe(request);
    expect(baseUrl(response('Content-Location: rtsp://h/x/'), request)).toBe('rtsp://h/x/');
  });
});
