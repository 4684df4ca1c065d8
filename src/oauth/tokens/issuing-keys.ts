/** What a client's tokens are signed and encrypted with: opened before anything is spent, as a key may be missing. */
import { standingAlgorithms } from '../../config/signing-algorithms.ts';
import type { Client } from '../clients/client.ts';
import type { AnswerEncryption } from '../clients/encryption-key.ts';
import type { OAuthContext } from '../context.ts';
import type { SigningKey } from '../keys/key-set.ts';
import type { SigningAlgorithm } from '../keys/signature.ts';

export interface SigningKeys {
  /** Throws where there is none: which of them are needed is known of what was admitted. */
  signing(alg: SigningAlgorithm): SigningKey;
}

export interface IssuingKeys extends SigningKeys {
  /** Of the ID token; undefined where that is not encrypted. */
  readonly encryption: AnswerEncryption | undefined;
}

/** The resource decides by which of the standing algorithms its access token is signed. */
export async function openSigningKeys(
  { keys }: Pick<OAuthContext, 'keys'>,
  { metadata }: Client,
): Promise<SigningKeys> {
  const algorithms = [...new Set([...standingAlgorithms, metadata.id_token_signed_response_alg])];
  const opened = await Promise.allSettled(algorithms.map((alg) => keys.open(alg)));
  return {
    signing(alg) {
      const key = opened[algorithms.indexOf(alg)];
      if (key?.status === 'fulfilled') return key.value;
      throw key?.reason ?? new Error(`no key of ${alg} was opened`);
    },
  };
}
