/** Tokens that we signed, coming back. RFC 7515 §5.2. By node:crypto, as they were signed (sign-jwt.ts). */
import type { KeyObject } from 'node:crypto';
import type { z } from 'zod';
import { readJwt } from '../../lib/read-unverified-jwt.ts';
import { isSignedBy, type SigningAlgorithm } from './make-and-verify-signatures.ts';

/** A token with all groups of a person may be long; a body is no longer than this. */
const LONGEST = 65_536;

export interface VerificationKey {
  readonly alg: string;
  readonly publicKey: KeyObject;
}

/** The claims, of the form that we sign for these `typ`, if a key of ours did with its own algorithm; else undefined. */
export async function verifyJwt<Claims>(
  findKey: (kid: string) => Promise<VerificationKey | undefined>,
  token: string,
  types: readonly string[],
  claimsSchema: z.ZodType<Claims>,
): Promise<Claims | undefined> {
  const jwt = readJwt(token, LONGEST, claimsSchema);
  const { typ, kid, alg } = jwt?.header ?? {};
  if (!jwt || typ === undefined || !types.includes(typ) || kid === undefined) return undefined;
  const key = await findKey(kid);
  if (!key || key.alg !== alg) return undefined;
  const isOurs = isSignedBy(key.alg as SigningAlgorithm, key.publicKey, jwt.signed, jwt.signature);
  return isOurs ? jwt.claims : undefined;
}
