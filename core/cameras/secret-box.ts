/**
 * Seals camera passwords with AES-256-GCM under a random key in `<data>/secret.key` (0600). Sealed text:
 * `v1.<nonce>.<ciphertext+tag>` in base64url. The key never leaves this file; losing it loses the passwords and nothing else.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { HubError } from '#core/base/errors.ts';
import { writeFileAtomic } from '#core/base/atomic-file.ts';
import type { SecretBox } from '#core/domain/records.ts';

const keyBytes = 32;
const tagBytes = 16;

/** Makes the key at first use. Throws `data_folder_unwritable` if the file is there but is not a key. */
export function openSecretBox(keyPath: string): SecretBox {
  if (!existsSync(keyPath)) writeFileAtomic(keyPath, randomBytes(keyBytes), 0o600);
  chmodSync(keyPath, 0o600);
  const key = readFileSync(keyPath);
  if (key.length !== keyBytes)
    throw new HubError(
      'data_folder_unwritable',
      `The key file ${keyPath} is damaged. Restore it from a backup, or delete it and type the cameras' passwords again.`,
    );
  return {
    seal(plain) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return `v1.${nonce.toString('base64url')}.${sealed.toString('base64url')}`;
    },
    open(text) {
      const [version, nonce, body] = text.split('.');
      if (version !== 'v1' || nonce === undefined || body === undefined) throw new RangeError('not sealed by this box');
      const sealed = Buffer.from(body, 'base64url');
      const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(nonce, 'base64url'), {
        authTagLength: tagBytes,
      });
      decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
      const plain = decipher.update(sealed.subarray(0, sealed.length - tagBytes));
      return Buffer.concat([plain, decipher.final()]).toString('utf8');
    },
  };
}
