/**
 * Scaling and colour conversion with contexts kept by shape, and JPEG with encoders kept by size.
 * Invariant: all calls are synchronous and in one thread, so one cache serves every camera of the process; the caches are
 * bounded and what falls out is freed. No view of a frame's memory leaves this file: what is returned is a copy.
 */
import { Codec, CodecContext, Frame, Packet, Rational, SoftwareScaleContext } from 'node-av/lib';
import {
  AV_CODEC_FLAG_BITEXACT,
  AV_CODEC_FLAG_QSCALE,
  AV_CODEC_ID_MJPEG,
  AV_PIX_FMT_GRAY8,
  AV_PIX_FMT_RGB24,
  AV_PIX_FMT_YUV420P,
  AV_PIX_FMT_YUVJ420P,
  AVCOL_RANGE_JPEG,
  FF_QP2LAMBDA,
  SWS_BILINEAR,
} from 'node-av/constants';
import type { AVPixelFormat } from 'node-av/constants';
import { HubError } from '#core/base/errors.ts';
import { check } from './libav.ts';

/** A rectangle in pixels, inside the frame. */
export interface PixelRect {
  x: number;
  y: number;
  w: number;
  h: number;
}

/** Least recently used first; `drop` frees what falls out. */
class Cache<T> {
  readonly #items = new Map<string, T>();
  readonly #limit: number;
  readonly #drop: (item: T) => void;

  constructor(limit: number, drop: (item: T) => void) {
    this.#limit = limit;
    this.#drop = drop;
  }

  get(key: string, make: () => T): T {
    const found = this.#items.get(key);
    if (found !== undefined) {
      this.#items.delete(key);
      this.#items.set(key, found);
      return found;
    }
    const made = make();
    this.#items.set(key, made);
    for (const [oldKey, old] of this.#items) {
      if (this.#items.size <= this.#limit) break;
      this.#items.delete(oldKey);
      this.#drop(old);
    }
    return made;
  }
}

interface Conversion {
  context: SoftwareScaleContext;
  target: Frame;
}

const conversions = new Cache<Conversion>(24, ({ context, target }) => {
  context.freeContext();
  target.free();
});

const formats = { gray: AV_PIX_FMT_GRAY8, rgb: AV_PIX_FMT_RGB24, yuv: AV_PIX_FMT_YUV420P, jpeg: AV_PIX_FMT_YUVJ420P };

function conversion(
  w: number,
  h: number,
  format: AVPixelFormat,
  toW: number,
  toH: number,
  to: AVPixelFormat,
): Conversion {
  return conversions.get(`${w}x${h}:${format}>${toW}x${toH}:${to}`, () => {
    const context = new SoftwareScaleContext();
    context.getContext(w, h, format, toW, toH, to, SWS_BILINEAR);
    const target = new Frame();
    target.alloc();
    target.width = toW;
    target.height = toH;
    target.format = to;
    check(target.getBuffer(), 'Making room for a scaled picture');
    return { context, target };
  });
}

/** Formats whose planes can be cut by byte offsets; all else is converted first. */
export function isPlanar420(frame: Frame): boolean {
  return frame.format === AV_PIX_FMT_YUV420P || frame.format === AV_PIX_FMT_YUVJ420P;
}

/** The frame in 8-bit 4:2:0 (a new frame that the caller frees). For 10-bit, 4:2:2, packed and other pictures. */
export function toPlanar420(frame: Frame): Frame {
  const { context, target } = conversion(
    frame.width,
    frame.height,
    frame.format as AVPixelFormat,
    frame.width,
    frame.height,
    formats.yuv,
  );
  check(context.scaleFrameSync(target, frame), 'Converting a picture');
  const own = target.clone();
  if (!own) throw new HubError('internal', 'Out of memory while converting a picture.');
  // The clone shares the cached target's memory: give it its own, since the target is written again.
  check(target.makeWritable(), 'Converting a picture');
  return own;
}

function scaleTo(frame: Frame, rect: PixelRect | null, w: number, h: number, to: AVPixelFormat): Frame {
  const format = frame.format as AVPixelFormat;
  if (!rect) {
    const { context, target } = conversion(frame.width, frame.height, format, w, h, to);
    check(context.scaleFrameSync(target, frame), 'Scaling a picture');
    return target;
  }
  // Chroma is half size: cut at even pixels.
  const x = rect.x & ~1;
  const y = rect.y & ~1;
  const { context, target } = conversion(rect.w, rect.h, format, w, h, to);
  const planes = frame.data ?? [];
  const strides = frame.linesize;
  const cut = planes.slice(0, 3).map((plane, index) => {
    const shift = index === 0 ? 0 : 1;
    return plane.subarray((y >> shift) * (strides[index] ?? 0) + (x >> shift));
  });
  check(
    context.scaleSync(cut, strides.slice(0, 3), 0, rect.h, target.data ?? [], target.linesize.slice(0, 3)),
    'Cropping a picture',
  );
  return target;
}

/** The bytes of a one-plane frame without the padding at the end of its rows. */
function tight(frame: Frame, rowBytes: number): Uint8Array {
  const plane = frame.data?.[0];
  const stride = frame.linesize[0] ?? 0;
  if (!plane) throw new HubError('internal', 'A scaled picture has no pixels.');
  const out = new Uint8Array(rowBytes * frame.height);
  if (stride === rowBytes) out.set(plane.subarray(0, out.length));
  else
    for (let row = 0; row < frame.height; row++)
      out.set(plane.subarray(row * stride, row * stride + rowBytes), row * rowBytes);
  return out;
}

export function scaleToGray(frame: Frame, w: number, h: number): Uint8Array {
  return tight(scaleTo(frame, null, w, h, formats.gray), w);
}

/** `rect` null: the whole picture. With a rect the frame must be planar 4:2:0. */
export function scaleToRgb(frame: Frame, rect: PixelRect | null, w: number, h: number): Uint8Array {
  return tight(scaleTo(frame, rect, w, h, formats.rgb), w * 3);
}

/**
 * Luma samples for a cheap look: sample (i, j) of a cols x rows grid is the average of four pixels in its cell.
 * Reads the decoded plane in place; the frame must be planar 4:2:0 and at least 2*cols x 2*rows.
 */
export function sampleLuma(frame: Frame, cols: number, rows: number, out: Uint8Array): void {
  const plane = frame.data?.[0];
  const stride = frame.linesize[0] ?? 0;
  if (!plane) throw new HubError('internal', 'A picture has no pixels.');
  const stepX = frame.width / cols;
  const stepY = frame.height / rows;
  const columns = Int32Array.from({ length: cols }, (_, i) => Math.floor((i + 0.25) * stepX));
  const right = Math.max(1, Math.floor(stepX / 2));
  const down = Math.max(1, Math.floor(stepY / 2)) * stride;
  let at = 0;
  /* eslint-disable @typescript-eslint/no-non-null-assertion -- the caller checked the size; this runs for every picture looked at */
  for (let j = 0; j < rows; j++) {
    const row = Math.floor((j + 0.25) * stepY) * stride;
    for (let i = 0; i < cols; i++) {
      const p = row + columns[i]!;
      out[at++] = (plane[p]! + plane[p + right]! + plane[p + down]! + plane[p + down + right]!) >> 2;
    }
  }
  /* eslint-enable @typescript-eslint/no-non-null-assertion */
}

interface JpegEncoder {
  context: CodecContext;
  packet: Packet;
  pts: bigint;
}

const jpegEncoders = new Cache<JpegEncoder>(6, ({ context, packet }) => {
  packet.free();
  context.freeContext();
});

function jpegEncoder(width: number, height: number): JpegEncoder {
  return jpegEncoders.get(`${width}x${height}`, () => {
    const codec = Codec.findEncoder(AV_CODEC_ID_MJPEG);
    if (!codec) throw new HubError('unavailable', 'This build of libav has no JPEG encoder.');
    const context = new CodecContext();
    context.allocContext3(codec);
    context.width = width;
    context.height = height;
    context.pixelFormat = formats.jpeg;
    context.colorRange = AVCOL_RANGE_JPEG;
    context.timeBase = new Rational(1, 25);
    context.threadCount = 1;
    // Bit exact: without it the encoder signs each picture with its name and version.
    context.setFlags(AV_CODEC_FLAG_QSCALE, AV_CODEC_FLAG_BITEXACT);
    check(context.open2Sync(codec, null), 'Opening the JPEG encoder');
    const packet = new Packet();
    packet.alloc();
    return { context, packet, pts: 0n };
  });
}

/** JPEG of the frame or of a rectangle of it. `quality` 1..100. */
export function encodeJpeg(frame: Frame, rect: PixelRect | null, w: number, h: number, quality: number): Buffer {
  const picture = scaleTo(frame, rect, w, h, formats.jpeg);
  const encoder = jpegEncoder(w, h);
  const q = Math.min(100, Math.max(1, quality));
  // libav's scale: 2 is the finest, 31 the coarsest.
  picture.quality = Math.round(2 + ((100 - q) / 99) * 29) * FF_QP2LAMBDA;
  picture.colorRange = AVCOL_RANGE_JPEG;
  // toJpeg and the encoder fail without a time base.
  picture.timeBase = new Rational(1, 25);
  picture.pts = encoder.pts++;
  check(encoder.context.sendFrameSync(picture), 'Encoding a JPEG');
  check(encoder.context.receivePacketSync(encoder.packet), 'Encoding a JPEG');
  const jpeg = Buffer.from(encoder.packet.data ?? Buffer.alloc(0));
  encoder.packet.unref();
  return jpeg;
}

/** The frame as 8-bit 4:2:0 of another size, for an encoder that takes it at once: valid until the next call. */
export function scaledForEncoder(frame: Frame, w: number, h: number): Frame {
  return scaleTo(frame, null, w, h, formats.yuv);
}

/** The three planes of a 4:2:0 frame, one after the other, without the padding at the end of their rows. */
export function packedPlanes(frame: Frame, w: number, h: number): Buffer {
  const out = Buffer.allocUnsafe((w * h * 3) / 2);
  let at = 0;
  for (const [index, half] of [1, 2, 2].entries()) {
    const plane = frame.data?.[index];
    const stride = frame.linesize[index] ?? 0;
    if (!plane) throw new HubError('internal', 'A picture has no pixels.');
    for (let row = 0; row < h / half; row++) at += plane.copy(out, at, row * stride, row * stride + w / half);
  }
  return out;
}
