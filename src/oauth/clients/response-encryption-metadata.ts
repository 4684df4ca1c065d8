/** What a client has encrypted for itself, and with which of its keys. OpenID Connect Dynamic Client Registration §2 */
import type { JWK } from 'jose';
import { z } from 'zod';
import { type Checked, PASSED, type Refusal, refuse } from '../../lib/outcome.ts';
import {
  type ContentEncryption,
  contentEncryptions,
  type Encryption,
  type KeyEncryption,
  keyEncryptions,
} from '../keys/encrypt-jwt.ts';
import { MOST_KEYS } from './public-key.ts';

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
        .max(MOST_KEYS),
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

export type Answer = 'id_token' | 'userinfo';

/** How this answer is encrypted; undefined where it is not. */
export function encryptionOf(metadata: EncryptionMetadata, answer: Answer): Encryption | undefined {
  const alg = metadata[`${answer}_encrypted_response_alg`];
  // OpenID Connect Dynamic Client Registration §2: the default of …_enc.
  return alg && { alg, enc: metadata[`${answer}_encrypted_response_enc`] ?? 'A128CBC-HS256' };
}

/** Why the encryption that was registered cannot work; whether its keys do is tried in working-encryption-key.ts. */
export function checkEncryption(metadata: EncryptionMetadata): Checked<Refusal<'invalid_client_metadata'>> {
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
    if (encryption && !metadata.jwks && metadata.jwks_uri === undefined) {
      const description = `${member}_alg needs the client's public key in jwks or at jwks_uri`;
      return refuse('invalid_client_metadata', 'missing_encryption_key', description);
    }
  }
  return PASSED;
}
