/**
 * Scaling and colour conversion with contexts kept by shape, and JPEG with encoders kept by size.
 * Invariant: all calls are synchronous and in one thread, so one cache serves every camera of the process; the caches are
 * bounded and what falls out is freed. No view of a frame's memory leaves this file: what is returned is a copy. A view that
 * is kept is one of a target that nobody else holds, and goes with it.
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
  SWS_AREA,
  SWS_BILINEAR,
} from 'node-av/constants';
import type { AVPixelFormat, SwsFlags } from 'node-av/constants';
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
  /**
   * The target's pixels where it has one plane, or null. Taken once: each `frame.data` makes an array buffer outside V8's heap,
   * and some of them a second are enough for a full garbage collection every few seconds.
   */
  pixels: Buffer | null;
  /** Bytes from one row of `pixels` to the next. */
  stride: number;
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
  method: SwsFlags = SWS_BILINEAR,
): Conversion {
  return conversions.get(`${w}x${h}:${format}>${toW}x${toH}:${to}:${method}`, () => {
    const context = new SoftwareScaleContext();
    context.getContext(w, h, format, toW, toH, to, method);
    const target = new Frame();
    target.alloc();
    target.width = toW;
    target.height = toH;
    target.format = to;
    // Multiples of 32 and not of 64: the small grids then have no padding to be left out.
    check(target.getBuffer(32), 'Making room for a scaled picture');
    const onePlane = to === formats.gray || to === formats.rgb;
    return { context, target, pixels: onePlane ? (target.data?.[0] ?? null) : null, stride: target.linesize[0] ?? 0 };
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

function scaleTo(frame: Frame, rect: PixelRect | null, w: number, h: number, to: AVPixelFormat): Conversion {
  const format = frame.format as AVPixelFormat;
  if (!rect) {
    const whole = conversion(frame.width, frame.height, format, w, h, to);
    check(whole.context.scaleFrameSync(whole.target, frame), 'Scaling a picture');
    return whole;
  }
  // Chroma is half size: cut at even pixels.
  const x = rect.x & ~1;
  const y = rect.y & ~1;
  const part = conversion(rect.w, rect.h, format, w, h, to);
  const { context, target, pixels } = part;
  const planes = frame.data ?? [];
  const strides = frame.linesize;
  const cut = planes.slice(0, 3).map((plane, index) => {
    const shift = index === 0 ? 0 : 1;
    return plane.subarray((y >> shift) * (strides[index] ?? 0) + (x >> shift));
  });
  const into = pixels ? [pixels] : (target.data ?? []);
  check(
    context.scaleSync(cut, strides.slice(0, 3), 0, rect.h, into, target.linesize.slice(0, 3)),
    'Cropping a picture',
  );
  return part;
}

/** Copies the pixels of a one-plane target without the padding at the end of its rows. */
function copyTight({ pixels, stride, target }: Conversion, rowBytes: number, out: Uint8Array): Uint8Array {
  if (!pixels) throw new HubError('internal', 'A scaled picture has no pixels.');
  const { height } = target;
  if (stride === rowBytes) out.set(pixels.subarray(0, rowBytes * height));
  else
    for (let row = 0; row < height; row++)
      out.set(pixels.subarray(row * stride, row * stride + rowBytes), row * rowBytes);
  return out;
}

export function scaleToGray(frame: Frame, w: number, h: number): Uint8Array {
  return copyTight(scaleTo(frame, null, w, h, formats.gray), w, new Uint8Array(w * h));
}

/** `rect` null: the whole picture. With a rect the frame must be planar 4:2:0. */
export function scaleToRgb(frame: Frame, rect: PixelRect | null, w: number, h: number): Uint8Array {
  return copyTight(scaleTo(frame, rect, w, h, formats.rgb), w * 3, new Uint8Array(w * 3 * h));
}

/** Luma averages of a cols x rows grid into `out` (cols * rows bytes): each the mean of the pixels of its cell. */
export function sampleLuma(frame: Frame, cols: number, rows: number, out: Uint8Array): void {
  const format = frame.format as AVPixelFormat;
  const grid = conversion(frame.width, frame.height, format, cols, rows, formats.gray, SWS_AREA);
  check(grid.context.scaleFrameSync(grid.target, frame), 'Sampling a picture');
  copyTight(grid, cols, out);
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
  const picture = scaleTo(frame, rect, w, h, formats.jpeg).target;
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
  return scaleTo(frame, null, w, h, formats.yuv).target;
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
