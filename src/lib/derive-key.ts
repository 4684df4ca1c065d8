import { hkdfSync } from 'node:crypto';

/** Derives a separate 32-byte key for each purpose, so that no key serves two (RFC 5869). */
export function deriveKey(masterKey: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', masterKey, 'gatehouse', purpose, 32));
}
