/** Which of a client's keys its answers are encrypted with. RFC 7517 §4, RFC 7518 §4.3, §4.6 */
import type { JWK } from 'jose';
import { type Checked, isRefusal, PASSED, type Refusal, refuse } from '../../lib/outcome.ts';
import { type Encryption, encryptJwt, type KeyEncryption } from '../keys/encrypt-jwt.ts';
import type { ClientKeys, KeysAway } from './cached-client-jwks.ts';
import type { Client } from './client.ts';
import { openPublicKey } from './public-key.ts';
import { type Answer, type EncryptionMetadata, encryptionOf } from './response-encryption-metadata.ts';

/** What a key may be, by its algorithm's family; key_ops as RFC 7517 §4.3 names them. */
const families = {
  RSA: { kinds: ['RSA'], needed: 'an RSA key', ops: ['wrapKey', 'encrypt'] },
  ECDH: {
    kinds: ['EC P-256', 'EC P-384', 'EC P-521', 'OKP X25519'],
    needed: 'a key on P-256, P-384, P-521 or X25519',
    ops: ['deriveKey', 'deriveBits'],
  },
} as const;
const LONGEST_SHOWN = 60;
const MOST_SHOWN = 3;

/** A key that has encrypted something once, beside how it is used. */
export interface AnswerEncryption extends Encryption {
  /** Its public members and its kid alone. */
  readonly key: JWK;
}

/** The answer is sent unencrypted: its client registered no encryption. */
export const IN_CLEAR = 'in_clear';

export type NoEncryptionKey = KeysAway | Refusal<'invalid_client_metadata'>;

/** How this answer is encrypted and with which key, or that it is sent unencrypted. */
export async function resolveEncryption(
  { clientKeys }: { readonly clientKeys: ClientKeys },
  client: Pick<Client, 'registrationTokenHash'> & { readonly metadata: EncryptionMetadata },
  answer: Answer,
): Promise<AnswerEncryption | NoEncryptionKey | typeof IN_CLEAR> {
  const encryption = encryptionOf(client.metadata, answer);
  if (!encryption) return IN_CLEAR;
  const { alg } = encryption;
  const keys = await clientKeys.of(client, (key) => !useless.has(key) && checkMembers(key, alg) === PASSED);
  if (isRefusal(keys)) return keys;
  const found = await findWorkingKey(keys, alg);
  if (typeof found !== 'string') return { ...encryption, key: found };
  const description = `${answer}_encrypted_response_alg ${alg} needs a public key that can encrypt: ${found}`;
  return refuse('invalid_client_metadata', 'no_encryption_key', description);
}

/** The first of the keys that encrypts, or what is wrong with each. */
export async function findWorkingKey(keys: readonly JWK[], alg: KeyEncryption): Promise<JWK | string> {
  const faults: string[] = [];
  for (const key of keys) {
    const checked = checkMembers(key, alg);
    const tried = checked === PASSED ? await trialOf(key, alg) : checked;
    if (typeof tried !== 'string') return tried;
    faults.push(`the key ${shown(key.kid ?? key.kty)} ${tried}`);
  }
  const more = faults.length > MOST_SHOWN ? ` (and ${faults.length - MOST_SHOWN} more)` : '';
  return faults.slice(0, MOST_SHOWN).join('; ') + more || 'there is no key at all';
}

/** What its members say against it. */
function checkMembers(key: JWK, alg: KeyEncryption): Checked<string> {
  const { kinds, needed, ops } = families[alg === 'RSA-OAEP-256' ? 'RSA' : 'ECDH'];
  const kind = key.kty === 'RSA' ? 'RSA' : `${key.kty} ${key.crv ?? ''}`.trim();
  if (!(kinds as readonly string[]).includes(kind)) return `is ${shown(kind)}; ${alg} needs ${needed}`;
  if (key.use !== undefined && key.use !== 'enc')
    return `has use ${shown(key.use)}; leave it out or write enc`;
  if (key.alg !== undefined && key.alg !== alg)
    return `has alg ${shown(key.alg)}; leave it out or write ${alg}`;
  const key_ops: unknown = key.key_ops ?? [];
  if (!Array.isArray(key_ops)) return 'has key_ops that are no list';
  // WebCrypto exports the public half of an ECDH pair with an empty list.
  if (key_ops.length === 0 || key_ops.some((op) => (ops as readonly unknown[]).includes(op))) return PASSED;
  return `has key_ops ${shown(key_ops.join(' '))}; leave them out or write ${ops.join(' or ')}`;
}

const trials = new WeakMap<JWK, Promise<JWK | string>>();
const useless = new WeakSet<JWK>();

/** The key as it is used, once it has encrypted something, or why it does not; found out once for each key. */
function trialOf(key: JWK, alg: KeyEncryption): Promise<JWK | string> {
  const known = trials.get(key);
  if (known) return known;
  const trial = tryKey(key, alg).then((outcome) => {
    if (typeof outcome === 'string') useless.add(key);
    return outcome;
  });
  trials.set(key, trial);
  return trial;
}

async function tryKey(jwk: JWK, alg: KeyEncryption): Promise<JWK | string> {
  try {
    const opened = openPublicKey(jwk);
    if (typeof opened === 'string') return opened;
    const { kty, crv, x, y, n, e, kid } = jwk;
    // Without key_ops and ext, which jose holds to what WebCrypto writes, not to what RFC 7517 §4.3 allows.
    const members = Object.entries({ kty, crv, x, y, n, e, kid }).filter(([, value]) => value !== undefined);
    const key: JWK = Object.freeze(Object.fromEntries(members));
    await encryptJwt('trial', key, { alg, enc: 'A256GCM' }, undefined);
    return key;
  } catch {
    return 'cannot encrypt: it is not a public key of RFC 7517';
  }
}

function shown(value: unknown): string {
  return JSON.stringify(String(value).slice(0, LONGEST_SHOWN));
}
