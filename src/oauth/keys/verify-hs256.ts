/** Message authentication codes of RFC 7518 §3.2, by node:crypto. */
import { createHmac, timingSafeEqual } from 'node:crypto';

const digests = { HS256: 'sha256' } as const;
export type MacAlgorithm = keyof typeof digests;

/** Whether `alg` is one that {@link isMacOf} computes. */
export function isMacAlgorithm(alg: string): alg is MacAlgorithm {
  return Object.hasOwn(digests, alg);
}

/** Whether the code over the text was computed with the secret. Compared in constant time. */
export function isMacOf(alg: MacAlgorithm, secret: string, text: string, code: Buffer): boolean {
  const own = createHmac(digests[alg], secret).update(text).digest();
  return own.length === code.length && timingSafeEqual(own, code);
}
