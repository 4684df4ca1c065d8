/** Private keys at rest: AES-256-GCM under a key derived from the master key, bound to the kid. */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Random } from '../../lib/clock-and-random.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** nonce ‖ tag ‖ ciphertext, base64url. */
export function seal(key: Buffer, kid: string, plain: string, random: Random): string {
  const nonce = random.bytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(kid));
  const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url');
}

/** Throws an Error that names the remedy where the master key is another than the one that sealed. */
export function unseal(key: Buffer, kid: string, sealed: string): string {
  const bytes = Buffer.from(sealed, 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES))
    .setAAD(Buffer.from(kid))
    .setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  try {
    return (
      decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
    );
  } catch {
    throw new Error(
      `the private key ${kid} does not open with this master key; start with the master key it was sealed with, ` +
        'which another node may have. If that is lost: stop every node, then gatehouse keys rotate --now --master-key-changed',
    );
  }
}
