/**
 * Pairwise subject identifiers. OpenID Connect Core §8.
 * A pairwise sub is the sub itself, sealed with a key of the server's and the sector (a synthetic nonce, RFC 5297 §1),
 * so it is the same each time, tells nothing, needs no row, and leads back to the person.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { equalInConstantTime } from '../lib/constant-time.ts';
import { deriveKey } from '../lib/derive-key.ts';
import { hmacSha256 } from '../lib/sha256-and-hmac.ts';

const NONCE_BYTES = 16;

export interface PairwiseSubjects {
  /** The sub that the sector knows. */
  seal(sector: string, sub: string): string;
  /** The person's own sub; undefined for a text that was not sealed for this sector. */
  open(sector: string, subject: string): string | undefined;
}

/** The keys are derived from the master key: with another master key every pairwise sub is another one. */
export function createPairwiseSubjects(masterKey: Buffer): PairwiseSubjects {
  const nonceKey = deriveKey(masterKey, 'pairwise subjects, nonce');
  const sealingKey = deriveKey(masterKey, 'pairwise subjects, sealing');

  function seal(sector: string, sub: string): string {
    const nonce = Buffer.from(hmacSha256(nonceKey, sector, sub), 'base64url').subarray(0, NONCE_BYTES);
    const cipher = createCipheriv('aes-256-ctr', sealingKey, nonce);
    return Buffer.concat([nonce, cipher.update(sub, 'utf8'), cipher.final()]).toString('base64url');
  }

  return {
    seal,
    open(sector, subject) {
      const bytes = Buffer.from(subject, 'base64url');
      if (bytes.length <= NONCE_BYTES) return undefined;
      const decipher = createDecipheriv('aes-256-ctr', sealingKey, bytes.subarray(0, NONCE_BYTES));
      const sub = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES)), decipher.final()]).toString();
      return equalInConstantTime(subject, seal(sector, sub)) ? sub : undefined;
    },
  };
}
