/**
 * WS-Security UsernameToken (OASIS username token profile 1.0) with a password digest.
 * Invariants: every token has a nonce of its own; `Created` is signed exactly as it is sent, in whole seconds, on the
 * camera's clock. Pure but for the random nonce.
 */
import { createHash, randomBytes } from 'node:crypto';
import { escapeXml } from './tree.ts';

const wsse = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd';
const wsu = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd';
const profile = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0';
const encoding = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary';

/** The header block for one request. `cameraNowMs`: the time on the camera's clock, UTC. */
export function securityHeader(
  username: string,
  password: string,
  cameraNowMs: number,
  nonce: Uint8Array = randomBytes(16),
): string {
  const created = createdText(cameraNowMs);
  return (
    `<wsse:Security s:mustUnderstand="1" xmlns:wsse="${wsse}" xmlns:wsu="${wsu}"><wsse:UsernameToken>` +
    `<wsse:Username>${escapeXml(username)}</wsse:Username>` +
    `<wsse:Password Type="${profile}#PasswordDigest">${passwordDigest(nonce, created, password)}</wsse:Password>` +
    `<wsse:Nonce EncodingType="${encoding}">${Buffer.from(nonce).toString('base64')}</wsse:Nonce>` +
    `<wsu:Created>${created}</wsu:Created></wsse:UsernameToken></wsse:Security>`
  );
}

/** Base64(SHA-1(nonce bytes + created + password)), all as sent. */
export function passwordDigest(nonce: Uint8Array, created: string, password: string): string {
  return createHash('sha1').update(nonce).update(created, 'utf8').update(password, 'utf8').digest('base64');
}

/** `YYYY-MM-DDTHH:MM:SSZ`: without a fraction, which some cameras can't read and others drop before they check. */
export function createdText(ms: number): string {
  // A camera that claims a year Date can't hold is signed with the limits instead.
  const bounded = Math.min(Math.max(Number.isFinite(ms) ? ms : 0, 0), Date.UTC(9999, 11, 31));
  return `${new Date(Math.floor(bounded / 1000) * 1000).toISOString().slice(0, 19)}Z`;
}
