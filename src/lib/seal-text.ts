/** Text at rest that must be read again: AES-256-GCM, bound to what it belongs to. NIST SP 800-38D */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Random } from './clock-and-random.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** nonce ‖ tag ‖ ciphertext, base64url. It opens only with the same key and the same `boundTo`. */
export function sealText(key: Buffer, boundTo: string, plain: string, random: Random): string {
  const nonce = random.bytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(boundTo));
  const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url');
}

/** undefined where it was sealed with another key, for something else, or changed since. */
export function openSealedText(key: Buffer, boundTo: string, sealed: string): string | undefined {
  const bytes = Buffer.from(sealed, 'base64url');
  if (bytes.length < NONCE_BYTES + TAG_BYTES) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES))
    .setAAD(Buffer.from(boundTo))
    .setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  try {
    return (
      decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
    );
  } catch {
    return undefined;
  }
}
