/** RFC 6381 name of an H.264 stream from its SPS. */
export function codecStringOfH264(sps: Uint8Array): string {
  return `avc1.${Buffer.from(sps.subarray(1, 4)).toString('hex')}`;
}
