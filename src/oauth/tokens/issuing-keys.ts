/** What a client's tokens are signed and encrypted with: opened before anything is spent, as a key may be missing. */
import { standingAlgorithms } from '../../config/signing-algorithms.ts';
import type { Client } from '../clients/client.ts';
import type { AnswerEncryption, IN_CLEAR, NoEncryptionKey } from '../clients/working-encryption-key.ts';
import type { SigningKeys } from '../keys/signing-and-published-keys.ts';
import type { TokenVerifyingContext } from './context.ts';

export interface IssuingKeys extends SigningKeys {
  /** Of the ID token; without its key there is none. */
  readonly encryption: AnswerEncryption | NoEncryptionKey | typeof IN_CLEAR;
}

/** The resource decides by which of the standing algorithms its access token is signed. */
export function openSigningKeys(
  { keys }: Pick<TokenVerifyingContext, 'keys'>,
  { metadata }: Client,
): Promise<SigningKeys> {
  return keys.openEach([...standingAlgorithms, metadata.id_token_signed_response_alg]);
}
