/**
 * Everything that reads what a camera sends before it is trusted, each with honest seeds. A target may throw HubError and
 * nothing else. Used by test/unit/fuzz.test.ts (few) and by `npm run fuzz` (many).
 */
import { Authenticator, chooseChallenge } from '../../core/base/camera-auth.ts';
import { HubError } from '../../core/base/errors.ts';
import { atCamera, readBase } from '../../core/cameras/onvif/address.ts';
import { describeCamera } from '../../core/cameras/onvif/describe.ts';
import { deviceOf, namesItself, readReply } from '../../core/cameras/onvif/discovery-reply.ts';
import { readBody } from '../../core/cameras/onvif/envelope.ts';
import { grantedMs, noticesIn } from '../../core/cameras/onvif/events-notices.ts';
import { signalsOfMessage } from '../../core/cameras/onvif/events-topics.ts';
import { faultError, readFault } from '../../core/cameras/onvif/fault.ts';
import { readOutcome } from '../../core/cameras/onvif/outcome.ts';
import { readCapabilities, readServices } from '../../core/cameras/onvif/services.ts';
import type { OnvifSession } from '../../core/cameras/onvif/connection.ts';
import { readSystemTime } from '../../core/cameras/onvif/system-time.ts';
import { writeXml } from '../../core/cameras/onvif/xml.ts';
import { chooseTracks } from '../../core/media/rtsp/choose-tracks.ts';
import { InterleavedParser } from '../../core/media/rtsp/interleaved-parser.ts';
import { baseUrl, controlUrl, parseMessage, parseSession, parseTransport } from '../../core/media/rtsp/rtsp-message.ts';
import { parseSdp } from '../../core/media/rtsp/sdp.ts';
import { createMutator } from './mutator.ts';
import { faults, fault11, gsoap, styles } from './onvif-corpus/device-answers.ts';
import { answerSeeds } from './onvif-corpus/more-answers.ts';
import { probeMatchSeeds } from './onvif-corpus/probe-matches.ts';
import { sampleSdp } from './rtsp-script-server.ts';

export interface FuzzTarget {
  name: string;
  seeds: readonly (string | Uint8Array)[];
  run: (input: Buffer) => Promise<void> | void;
}

const place = { title: "Camera 'Porch'", host: '192.0.2.1', port: 554, tls: false };
const base = readBase('http://192.0.2.1:8080/');

/** A session whose every answer is these bytes. */
function sessionThatSays(input: Buffer): OnvifSession {
  const answer = { status: 200, headers: {}, challenges: [], body: input, url: 'http://192.0.2.1/' };
  const outcome = readOutcome(answer, { title: place.title, where: place.host, spoke: true });
  const call: OnvifSession['call'] = () => {
    if (outcome.kind === 'answer') return Promise.resolve(outcome.body);
    return Promise.reject(outcome.kind === 'error' ? outcome.error : new HubError('not_offered', 'refused'));
  };
  return {
    title: place.title,
    url: 'http://192.0.2.1/',
    target: { url: 'http://192.0.2.1/', username: null, password: null, cameraName: 'Porch' },
    clock: { cameraMs: null, offsetMs: 0, timeZone: null, source: 'unknown' },
    clockOffsetMs: 0,
    call,
    has: () => true,
    capabilities: () => null,
    allowed: (address, kind) => atCamera(address, kind, base),
    get: () => Promise.reject(new HubError('not_offered', 'none')),
  };
}

const sdps = [
  sampleSdp,
  'v=0\r\ns=Session\r\nm=video 0 RTP/AVP 98\na=rtpmap:98 H265/90000\na=fmtp:98 sprop-vps=QAEMAf//; sprop-sps=QgEBAWAA; sprop-pps=RAHA\na=control:rtsp://10.0.0.5/trackID=1\na=framerate:25\nm=audio 0 RTP/AVP 97\na=rtpmap:97 MPEG4-GENERIC/16000/1\na=fmtp:97 mode=AAC-hbr;config=1408;sizelength=13;indexlength=3\na=control:trackID=2\n',
  'm=video 0 RTP/AVP 26\na=control:v\nm=audio 0 RTP/AVP 0\nm=audio 0 RTP/AVP 8\na=sendonly\nm=application 0 RTP/AVP 107\na=rtpmap:107 vnd.onvif.metadata/90000\n',
];
const responses = [
  'RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Base: rtsp://192.0.2.1/s/\r\nContent-Type: application/sdp\r\nContent-Length: 4\r\n\r\nv=0\n',
  'RTSP/1.0 401 Unauthorized\nCSeq: 1\nWWW-Authenticate: Digest realm="IP Camera", nonce="abc", stale="FALSE"\nWWW-Authenticate: Basic realm="IP Camera"\n\n',
  'RTSP/1.0 200 OK\r\nCSeq: 3\r\nSession: 12345678;timeout=60\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=0A1B2C3D;mode="PLAY"\r\n\r\n$\0\0\x04abcd$\x01\0\x02xy',
  'OPTIONS rtsp://192.0.2.1/s RTSP/1.0\r\nCSeq: 9\r\n\r\n',
  'HTTP/1.1 400 Bad Request\r\nContent-Length: 9999999999\r\n\r\n<html>',
];
const challenges = [
  'Digest realm="IP Camera(12345)", nonce="4f5a6b", stale="FALSE"',
  'Digest qop="auth, auth-int", realm="a, \\"b\\"", algorithm=SHA-256, nonce="x==", opaque="y", Basic realm="z"',
  'Basic realm="c"',
  'Digest realm=bare, nonce=bare, algorithm=MD5-sess, qop=auth, stale=TRUE, domain="/ /x"',
];

export const fuzzTargets: readonly FuzzTarget[] = [
  {
    name: 'SOAP answers',
    seeds: answerSeeds,
    run: (input) => {
      const body = readBody(input);
      if (body === null) return;
      readServices(body);
      readCapabilities(body);
      readSystemTime(body, 0);
      grantedMs(body);
      for (const { topic, items } of noticesIn(body)) signalsOfMessage(topic, items);
      writeXml(body);
    },
  },
  {
    name: 'descriptions',
    seeds: answerSeeds,
    run: async (input) => {
      await describeCamera(sessionThatSays(input));
    },
  },
  {
    name: 'faults',
    seeds: [...faults.map(({ xml }) => gsoap.wrap(xml)), ...styles.map(({ wrap }) => wrap(fault11('Client', 'no')))],
    run: (input) => {
      const fault = readFault(readBody(input) ?? { ns: '', name: '', attributes: {}, children: [], text: '' });
      if (fault !== null) faultError(place.title, fault);
    },
  },
  {
    name: 'addresses that a camera names',
    seeds: ['http://192.168.1.20:8000/onvif/media?a=b', 'rtsp://admin:p@ss@10.0.0.5:554/s', '/onvif/x', '//h/x', '?x'],
    run: (input) => {
      for (const kind of ['service', 'http', 'rtsp'] as const) {
        const url = atCamera(input.toString('utf8'), kind, base);
        if (url !== null && new URL(url.replace(/^rtsp/, 'http')).hostname !== '192.0.2.1') {
          throw new Error(`${kind} leads to ${url}`);
        }
      }
    },
  },
  {
    name: 'discovery replies',
    seeds: probeMatchSeeds,
    run: (input) => {
      for (const match of readReply(input)?.matches ?? []) {
        namesItself(match, '192.0.2.7');
        const device = deviceOf(match, '192.0.2.7', () => false);
        if (device !== null && new URL(device.url).hostname !== '192.0.2.7') {
          throw new Error(`a device at ${device.url} was found`);
        }
      }
    },
  },
  {
    name: 'SDP',
    seeds: sdps,
    run: (input) => {
      const text = input.toString('utf8');
      if (parseSdp(text) !== null) chooseTracks(place, text);
    },
  },
  {
    name: 'RTSP responses',
    seeds: responses,
    run: (input) => {
      const parser = new InterleavedParser({
        onPacket: () => undefined,
        onMessage: (head, body) => {
          const message = parseMessage(head, body);
          if (message === null) return;
          parseSession(message.headers.get('session') ?? '');
          parseTransport(message.headers.get('transport') ?? '');
          if (message.kind === 'response') controlUrl(baseUrl(message, 'rtsp://192.0.2.1/s'), 'trackID=1');
        },
        onResync: () => undefined,
      });
      for (let at = 0; at < input.length; at += 1400) {
        const piece = input.subarray(at, at + 1400);
        parser.feed(piece, piece.length);
        if (parser.heldBytes > 300_000) throw new Error(`${parser.heldBytes} bytes are held`);
      }
    },
  },
  {
    name: 'WWW-Authenticate',
    seeds: challenges,
    run: (input) => {
      const challenge = chooseChallenge([input.toString('latin1')]);
      if (challenge === null) return;
      const auth = new Authenticator('admin', 'secret');
      auth.accept(challenge);
      const header = auth.header('GET', '/x') ?? '';
      if (/[\r\n\0]/.test(header)) throw new Error('a header that ends early');
    },
  },
];

/** Longest that one input may take. */
const mostMs = 200;

/** Throws what must not happen, with what is needed to see it again. Returns the slowest in milliseconds. */
export async function fuzz(target: FuzzTarget, runs: number, seed: number): Promise<number> {
  const mutator = createMutator(target.seeds, seed);
  let slowest = 0;
  for (let run = 0; run < runs; run++) {
    const input = mutator.next();
    let tookMs = await timed(target, input, run, seed);
    // The machine may have been busy with something else.
    for (let again = 0; tookMs > mostMs && again < 2; again++)
      tookMs = Math.min(tookMs, await timed(target, input, run, seed));
    if (tookMs > mostMs) throw new Error(`${target.name}, seed ${seed}, run ${run}: took ${Math.round(tookMs)} ms`);
    slowest = Math.max(slowest, tookMs);
  }
  return slowest;
}

async function timed(target: FuzzTarget, input: Buffer, run: number, seed: number): Promise<number> {
  const start = performance.now();
  try {
    await target.run(input);
  } catch (error) {
    if (!(error instanceof HubError) || error.code === 'internal') {
      const shown = input.subarray(0, 2_000).toString('base64');
      throw new Error(`${target.name}, seed ${seed}, run ${run}, input ${shown}`, { cause: error });
    }
  }
  return performance.now() - start;
}
