/** A compact JWS over claims. RFC 7515 §7.1 */
import type { KeyObject } from 'node:crypto';
import type { Signer } from './batched-signer.ts';
import { isQuick, type SigningAlgorithm, slowSignature } from './make-and-verify-signatures.ts';

/** `header` is the encoded JOSE header ({@link encodePart}). */
export async function signJwt(
  signer: Signer,
  alg: SigningAlgorithm,
  key: KeyObject,
  header: string,
  claims: object,
): Promise<string> {
  const text = `${header}.${encodePart(claims)}`;
  const signature = isQuick(alg) ? signer.sign(alg, key, text) : slowSignature(alg, key, text);
  return `${text}.${await signature}`;
}

/** A header or payload as JSON in base64url without padding. RFC 7515 §3.1 */
export function encodePart(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
