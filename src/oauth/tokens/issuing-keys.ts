/** What a client's tokens are signed and encrypted with: opened before anything is spent, as a key may be missing. */
import type { Client } from '../clients/client.ts';
import type { AnswerEncryption } from '../clients/encryption-key.ts';
import type { OAuthContext } from '../context.ts';
import type { SigningKey } from '../keys/key-set.ts';

const ACCESS_TOKEN_ALGORITHM = 'ES256';

export interface SigningKeys {
  readonly accessToken: SigningKey;
  /** Throws where there is none: not every grant has an ID token. */
  idToken(): SigningKey;
}

export interface IssuingKeys extends SigningKeys {
  /** Of the ID token; undefined where that is not encrypted. */
  readonly encryption: AnswerEncryption | undefined;
}

/** Throws where no token could be signed. */
export async function openSigningKeys(
  { keys }: Pick<OAuthContext, 'keys'>,
  { metadata }: Client,
): Promise<SigningKeys> {
  const accessToken = await keys.open(ACCESS_TOKEN_ALGORITHM);
  const [opened] = await Promise.allSettled([keys.open(metadata.id_token_signed_response_alg)]);
  return {
    accessToken,
    idToken() {
      if (opened.status === 'rejected') throw opened.reason;
      return opened.value;
    },
  };
}
