/** What is wrong with a public key that a client gave us. RFC 7517, RFC 7518 §6 */
import { createPublicKey } from 'node:crypto';
import type { JWK } from 'jose';

const RSA_BITS = 2048;
/** RFC 7518 §6: what is in private and symmetric keys alone. */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/** Why nobody could register this key. */
export function findKeyFault(key: JWK): string | undefined {
  const named = `the key ${JSON.stringify(key.kid ?? key.kty ?? '')}`;
  const secret = PRIVATE_MEMBERS.find((member) => member in key);
  if (secret !== undefined) return `${named} has the private member ${secret}; register public keys alone`;
  try {
    const fault = findSizeFault(key);
    return fault === undefined ? undefined : `${named} ${fault}`;
  } catch {
    return `${named} is not a public key of RFC 7517`;
  }
}

/** Throws where it is no public key. */
export function findSizeFault(key: JWK): string | undefined {
  const { modulusLength, publicExponent } =
    createPublicKey({ key, format: 'jwk' }).asymmetricKeyDetails ?? {};
  if (modulusLength !== undefined && modulusLength < RSA_BITS)
    return `has ${modulusLength} bits; RSA keys need ${RSA_BITS}`;
  // With the exponent 1 nothing would be hidden.
  const isOpen = publicExponent !== undefined && (publicExponent < 3n || publicExponent % 2n === 0n);
  return isOpen ? `has the public exponent ${publicExponent}; write 65537` : undefined;
}
