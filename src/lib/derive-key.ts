import { hkdfSync } from 'node:crypto';

/** A 32-byte key of its own for each purpose, so that none serves two (RFC 5869). */
export function deriveKey(masterKey: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', masterKey, 'gatehouse', purpose, 32));
}
