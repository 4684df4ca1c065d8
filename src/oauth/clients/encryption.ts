/** What a client has encrypted for itself, and with which of its keys. OpenID Connect Dynamic Client Registration §2 */
import { createPublicKey } from 'node:crypto';
import type { JWK } from 'jose';
import { z } from 'zod';
import { type Refusal, refuse } from '../../lib/outcome.ts';
import {
  type ContentEncryption,
  contentEncryptions,
  type Encryption,
  encryptJwt,
  type KeyEncryption,
  keyEncryptions,
} from '../keys/encrypt-jwt.ts';
import type { ClientKeys } from './keys.ts';

const RSA_BITS = 2048;
/** RFC 7518 §6: what is in private and symmetric keys alone. */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/** The members of client metadata, for its schema. */
export const encryptionShape = {
  userinfo_encrypted_response_alg: z.enum(keyEncryptions).optional(),
  userinfo_encrypted_response_enc: z.enum(contentEncryptions).optional(),
  id_token_encrypted_response_alg: z.enum(keyEncryptions).optional(),
  id_token_encrypted_response_enc: z.enum(contentEncryptions).optional(),
  jwks: z
    .object({
      keys: z
        .array(z.looseObject({ kty: z.string() }))
        .min(1)
        .max(20),
    })
    .optional(),
};

export interface EncryptionMetadata {
  readonly userinfo_encrypted_response_alg?: KeyEncryption | undefined;
  readonly userinfo_encrypted_response_enc?: ContentEncryption | undefined;
  readonly id_token_encrypted_response_alg?: KeyEncryption | undefined;
  readonly id_token_encrypted_response_enc?: ContentEncryption | undefined;
  readonly jwks?: { readonly keys: readonly JWK[] } | undefined;
  readonly jwks_uri?: string | undefined;
}

type Answer = 'id_token' | 'userinfo';

/** How this answer is encrypted; undefined where it is not. */
export function encryptionOf(metadata: EncryptionMetadata, answer: Answer): Encryption | undefined {
  const alg = metadata[`${answer}_encrypted_response_alg`];
  // OpenID Connect Dynamic Client Registration §2: the default of …_enc.
  return alg && { alg, enc: metadata[`${answer}_encrypted_response_enc`] ?? 'A128CBC-HS256' };
}

/** The text as it is, or encrypted where the client has registered that. `cty` JWT: the text is a signed one. */
export async function encryptAnswer(
  { clientKeys }: { readonly clientKeys: ClientKeys },
  { metadata }: { readonly metadata: EncryptionMetadata },
  answer: Answer,
  text: string,
  cty: 'JWT' | undefined,
): Promise<string> {
  const encryption = encryptionOf(metadata, answer);
  if (!encryption) return text;
  const key = selectEncryptionKey(await clientKeys.of(metadata), encryption.alg);
  if (!key) throw new Error(`the client has no key for ${encryption.alg}; register it again`);
  return encryptJwt(text, key, encryption, cty);
}

/** The first of the keys that is for this algorithm. RFC 7517 §4 */
export function selectEncryptionKey(keys: readonly JWK[], alg: KeyEncryption): JWK | undefined {
  return keys.find(
    (key) =>
      isOfKind(key, alg) &&
      (key.use === undefined || key.use === 'enc') &&
      (key.alg === undefined || key.alg === alg),
  );
}

function isOfKind(key: JWK, alg: KeyEncryption): boolean {
  if (alg === 'RSA-OAEP-256') return key.kty === 'RSA';
  return key.kty === 'EC' || (key.kty === 'OKP' && key.crv === 'X25519');
}

/** Why the encryption that was registered cannot work. */
export function findEncryptionFault(
  metadata: EncryptionMetadata,
): Refusal<'invalid_client_metadata'> | undefined {
  for (const key of metadata.jwks?.keys ?? []) {
    const fault = findKeyFault(key);
    if (fault !== undefined) return refuse('invalid_client_metadata', 'unusable_jwk', `jwks: ${fault}`);
  }
  for (const answer of ['id_token', 'userinfo'] as const) {
    const member = `${answer}_encrypted_response`;
    const encryption = encryptionOf(metadata, answer);
    if (!encryption && metadata[`${answer}_encrypted_response_enc`] !== undefined) {
      return refuse(
        'invalid_client_metadata',
        'missing_encryption_alg',
        `${member}_enc needs ${member}_alg beside it`,
      );
    }
    if (encryption && metadata.jwks && !selectEncryptionKey(metadata.jwks.keys, encryption.alg)) {
      return missingKey(`${member}_alg ${encryption.alg} needs a public key for it in jwks`);
    }
    if (encryption && !metadata.jwks && metadata.jwks_uri === undefined)
      return missingKey(`${member}_alg needs the client's public key in jwks or at jwks_uri`);
  }
  return undefined;
}

function missingKey(description: string): Refusal<'invalid_client_metadata'> {
  return refuse('invalid_client_metadata', 'missing_encryption_key', description);
}

function findKeyFault(key: JWK): string | undefined {
  const named = `the key ${JSON.stringify(key.kid ?? key.kty ?? '')}`;
  const secret = PRIVATE_MEMBERS.find((member) => member in key);
  if (secret !== undefined) return `${named} has the private member ${secret}; register public keys alone`;
  try {
    const { asymmetricKeyDetails } = createPublicKey({ key, format: 'jwk' });
    const bits = asymmetricKeyDetails?.modulusLength ?? RSA_BITS;
    return bits < RSA_BITS ? `${named} has ${bits} bits; RSA keys need ${RSA_BITS}` : undefined;
  } catch {
    return `${named} is not a public key of RFC 7517`;
  }
}
