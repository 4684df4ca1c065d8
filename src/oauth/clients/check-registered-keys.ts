/** Keys that a client registers, each tried. */
import { nextTurn } from '../../lib/next-event-loop-turn.ts';
import { type Checked, PASSED, type Refusal, refuse } from '../../lib/outcome.ts';
import { checkKey } from './public-key.ts';
import { type EncryptionMetadata, encryptionOf } from './response-encryption-metadata.ts';
import { findWorkingKey } from './working-encryption-key.ts';

/** Why one of the registered keys is unusable, or why none can encrypt the answers that the client wants; each key is tried. */
export async function checkKeys(
  metadata: EncryptionMetadata,
): Promise<Checked<Refusal<'invalid_client_metadata'>>> {
  for (const key of metadata.jwks?.keys ?? []) {
    const checked = checkKey(key);
    if (checked !== PASSED) return refuse('invalid_client_metadata', 'unusable_jwk', `jwks: ${checked}`);
    // To open one on P-521 takes 2 ms.
    await nextTurn();
  }
  for (const answer of ['id_token', 'userinfo'] as const) {
    const encryption = encryptionOf(metadata, answer);
    if (!encryption || !metadata.jwks) continue;
    const found = await findWorkingKey(metadata.jwks.keys, encryption.alg);
    if (typeof found !== 'string') continue;
    const member = `${answer}_encrypted_response_alg ${encryption.alg}`;
    const description = `${member} needs a public key for it in jwks: ${found}`;
    return refuse('invalid_client_metadata', 'missing_encryption_key', description);
  }
  return PASSED;
}
