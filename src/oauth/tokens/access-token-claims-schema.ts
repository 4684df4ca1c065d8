import { z } from 'zod';
import { boundedText, numericDate } from '../../lib/jwt-claim-schemas.ts';
import { type Confirmation, isConfirmation } from '../confirmation-claim.ts';

/** RFC 9068 §2.2, RFC 9470 §6; times in seconds. Beside them stand the claims that scopes give. */
export const accessTokenClaims = z
  .looseObject({
    iss: boundedText(2048),
    sub: boundedText(2048),
    aud: boundedText(2048),
    client_id: boundedText(512),
    scope: boundedText(8192).optional(),
    iat: numericDate,
    exp: numericDate,
    /** `<grant_id>.<random>`, or `<random>@<restore>~<client>` where the client acts for itself. */
    jti: boundedText(512),
    auth_time: numericDate.optional(),
    acr: boundedText(2048).optional(),
    /** RFC 7800 §3.1 */
    cnf: z.custom<Confirmation>(isConfirmation).optional(),
    // Of an ID token, OpenID Connect Core §2: no claim of the operator's own may be called so (standard-scopes-and-claims.ts).
    at_hash: z.never().optional(),
    nonce: z.never().optional(),
    amr: z.never().optional(),
  })
  .readonly();

export type AccessTokenClaims = z.output<typeof accessTokenClaims>;
