/** How the access tokens for a resource server are written: their type and signing algorithm. RFC 9068 §2.1 */
import { type StandingAlgorithm, standingAlgorithms } from '../config/signing-algorithms.ts';

/** What the header of a resource's tokens says they are: RFC 9068 §2.1, or what readers take that know it not. */
export const accessTokenTypes = ['at+jwt', 'JWT'] as const;
export type AccessTokenType = (typeof accessTokenTypes)[number];

/** What they are signed with: ES256, or RS256 for readers that take what RFC 9068 §2.1 has everybody know, and no more. */
export const accessTokenAlgorithms = standingAlgorithms;
export type AccessTokenAlgorithm = StandingAlgorithm;

/** How the access tokens for one audience are written. */
export interface AccessTokenForm {
  readonly accessTokenType: AccessTokenType;
  readonly accessTokenAlg: AccessTokenAlgorithm;
}

export interface FormMetadata {
  readonly access_token_type?: AccessTokenType | undefined;
  readonly access_token_signed_response_alg?: AccessTokenAlgorithm | undefined;
}

/** As a resource server has it, or as it is where nobody said anything. */
export function accessTokenForm({
  access_token_type: accessTokenType = 'at+jwt',
  access_token_signed_response_alg: accessTokenAlg = 'ES256',
}: FormMetadata): AccessTokenForm {
  return { accessTokenType, accessTokenAlg };
}
