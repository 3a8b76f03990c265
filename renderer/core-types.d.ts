/**
 * The contract's types reach two names of Node (`Buffer` for bodies that are bytes, `randomBytes` where ids are made). They are
 * given a shape here instead of bringing Node's types into the window, where none of Node exists.
 */
type Buffer = Uint8Array<ArrayBuffer>;
declare module 'node:crypto' {
  export function randomBytes(size: number): Uint8Array<ArrayBuffer>;
}
