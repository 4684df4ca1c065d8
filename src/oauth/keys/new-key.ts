/** A new signing key, its private part sealed. RFC 7518 §3.3, §3.4; RFC 8037 §3.1 */
import { generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { calculateJwkThumbprint, type JWK } from 'jose';
import type { Settings } from '../../config/settings-schema.ts';
import type { Clock, Random } from '../../lib/clock-and-random.ts';
import { deriveKey } from '../../lib/derive-key.ts';
import { sealText } from '../../lib/seal-text.ts';
import type { KeyRow } from '../../storage/tables/keys.ts';
import type { SigningAlgorithm } from './make-and-verify-signatures.ts';

const generate = promisify(generateKeyPair);

/** A key without its times: from when on it signs is decided where it is stored. */
export type NewKey = Omit<KeyRow, 'activates_at' | 'retires_at' | 'removed_at'>;

/**
 * Makes a key and stores nothing. The kid is its thumbprint (RFC 7638). An RSA key takes long to make: call this before
 * the transaction, not in it.
 */
export async function newKey(
  context: { readonly clock: Clock; readonly random: Random; readonly settings: Settings },
  alg: SigningAlgorithm,
): Promise<NewKey> {
  const { publicKey, privateKey } = await generateKeys(alg);
  const publicPart = publicKey.export({ format: 'jwk' }) as JWK;
  const kid = await calculateJwkThumbprint(publicPart, 'sha256');
  const sealingKey = deriveKey(context.settings.masterKey, 'private keys');
  const privatePart = JSON.stringify(privateKey.export({ format: 'jwk' }));
  return {
    kid,
    alg,
    public_jwk: JSON.stringify({ ...publicPart, kid, use: 'sig', alg }),
    private_sealed: sealText(sealingKey, kid, privatePart, context.random),
    created_at: context.clock.nowMs(),
  };
}

function generateKeys(alg: SigningAlgorithm): Promise<{ publicKey: KeyObject; privateKey: KeyObject }> {
  if (alg === 'ES256') return generate('ec', { namedCurve: 'P-256' });
  // RFC 8017 §8: one RSA key never signs under two paddings, so PS256 has its own.
  if (alg === 'RS256' || alg === 'PS256') return generate('rsa', { modulusLength: 2048 });
  return generate('ed25519');
}
