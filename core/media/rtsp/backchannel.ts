/**
 * Speaking through a camera: the audio backchannel of ONVIF's Streaming Specification (5.3). A session of its own beside
 * the recording, in which only the camera's loudspeaker track is set up; G.711 goes up as interleaved RTP.
 * Invariants: sound that the camera does not take in time is thrown away, never queued; the session is torn down at the end.
 */
import { randomBytes, randomInt } from 'node:crypto';
import type { Clock } from '#core/base/clock.ts';
import { HubError } from '#core/base/errors.ts';
import { encodeG711, type G711 } from '#core/domain/g711.ts';
import { failure } from './camera-failure.ts';
import type { ConnectionTimeouts } from './rtsp-connection.ts';
import { RtspSession } from './rtsp-session.ts';
import { parseSdp, type SdpFormat, type SdpMedia } from './sdp.ts';

export interface TalkTarget {
  cameraName: string;
  /** rtsp(s)://, without user information. */
  url: string;
  username: string | null;
  password: string | null;
  /** As of a pull. */
  pins?: Readonly<Record<string, string>> | undefined;
  onCertificate?: ((address: string, fingerprint: string) => void) | undefined;
}

export interface Backchannel {
  /** What `send` expects, in Hz. */
  readonly sampleRate: number;
  /** 16-bit little-endian mono samples. False: the camera does not keep up and this was thrown away. */
  send(pcm: Uint8Array): boolean;
  close(): Promise<void>;
}

const require = { Require: 'www.onvif.org/ver20/backchannel' };
const timeouts: ConnectionTimeouts = { connectMs: 5_000, responseMs: 5_000 };
const teardownMs = 1_000;
/** A quarter of a second of G.711: more in the pipe is heard too late to be a conversation. */
const mostUnsentBytes = 2_000 + 8_000 / 4;
/** 40 ms; longer packets are split. */
const mostSamples = 320;
const rtpHeaderBytes = 12;

/** `onEnd` is called once if the camera ends it. Throws `not_offered` and what a stream can fail with. */
export async function openBackchannel(
  target: TalkTarget,
  env: { clock: Clock; signal: AbortSignal },
  onEnd: (error: HubError) => void,
): Promise<Backchannel> {
  env.signal.throwIfAborted();
  let open = false;
  const session = new RtspSession(
    target,
    timeouts,
    {
      onPacket: () => undefined,
      onResync: () => undefined,
      onClose: (error) => {
        if (!open) return;
        open = false;
        clearInterval(timer);
        onEnd(
          error instanceof HubError
            ? error
            : failure(session.place, 'camera_closed', 'ended the conversation. Try again.', error),
        );
      },
    },
    require,
  );
  let timer: NodeJS.Timeout | undefined;
  const cancel = (): void => session.connection.fail(new Error('Cancelled.'));
  env.signal.addEventListener('abort', cancel, { once: true });
  try {
    const { media, format, law } = loudspeaker(session, await session.description());
    const { channel } = await session.setup(media.control, 0);
    await session.play();
    env.signal.throwIfAborted();
    open = true;
    timer = setInterval(() => session.keepAlive(), session.keepAliveMs);
    return speaker(session, channel, format, law, async () => {
      open = false;
      clearInterval(timer);
      const late = setTimeout(() => session.connection.fail(new Error('Stopped.')), teardownMs);
      try {
        await session.teardown();
      } catch {
        // The camera did not answer the farewell: the session is over either way, and it forgets it by itself.
        open = false;
      }
      clearTimeout(late);
      session.connection.fail(new Error('Stopped.'));
    });
  } catch (error) {
    session.connection.fail(new Error('Not opened.'));
    env.signal.throwIfAborted();
    throw error instanceof HubError && isRefusal(error)
      ? failure(session.place, 'not_offered', 'does not take sound for its loudspeaker (no ONVIF backchannel).', error)
      : error;
  } finally {
    env.signal.removeEventListener('abort', cancel);
  }
}

/** 551 Option not supported and the like: the camera knows no backchannel. */
function isRefusal(error: HubError): boolean {
  return error.code === 'camera_error' || error.code === 'camera_no_video';
}

function loudspeaker(session: RtspSession, text: string): { media: SdpMedia; format: SdpFormat; law: G711 } {
  const description = parseSdp(text, true);
  if (!description) throw failure(session.place, 'camera_bad_description', 'described its sound in an unknown way.');
  session.control(description.control);
  const laws: Record<string, G711> = { PCMU: 'pcmu', PCMA: 'pcma' };
  const offered: string[] = [];
  for (const media of description.media) {
    if (media.type !== 'audio' || !media.talkback) continue;
    for (const format of media.formats) {
      const law = laws[format.encoding];
      if (law && format.clockRate === 8_000) return { media, format, law };
      offered.push(format.encoding);
    }
  }
  const what =
    offered.length === 0
      ? 'offers no loudspeaker track.'
      : `takes only ${offered.slice(0, 4).join(', ')} for its loudspeaker; set its audio output to G.711.`;
  throw failure(session.place, 'not_offered', what);
}

function speaker(
  session: RtspSession,
  channel: number,
  format: SdpFormat,
  law: G711,
  close: () => Promise<void>,
): Backchannel {
  const source = randomBytes(4);
  let sequence = randomInt(0x10000);
  let timestamp = randomInt(0x1_0000_0000);
  let marker = 0x80;
  const packet = (samples: Buffer): Buffer => {
    const out = Buffer.allocUnsafe(4 + rtpHeaderBytes + samples.length);
    out[0] = 0x24;
    out[1] = channel;
    out.writeUInt16BE(rtpHeaderBytes + samples.length, 2);
    out[4] = 0x80;
    out[5] = marker | format.payloadType;
    out.writeUInt16BE(sequence, 6);
    out.writeUInt32BE(timestamp, 8);
    source.copy(out, 12);
    samples.copy(out, 16);
    sequence = (sequence + 1) % 0x10000;
    timestamp = (timestamp + samples.length) % 0x1_0000_0000;
    marker = 0;
    return out;
  };
  return {
    sampleRate: format.clockRate,
    send(pcm) {
      const samples = encodeG711(law, pcm);
      const { socket } = session.connection;
      if (socket.closed || socket.unsentBytes > mostUnsentBytes) {
        // Time goes on for the listener: what comes next starts a new talk spurt.
        timestamp = (timestamp + samples.length) % 0x1_0000_0000;
        marker = 0x80;
        return false;
      }
      for (let at = 0; at < samples.length; at += mostSamples)
        socket.write(packet(samples.subarray(at, at + mostSamples)));
      return true;
    },
    close,
  };
}
