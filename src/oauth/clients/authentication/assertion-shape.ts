/** What the parameter client_assertion is read as, before it is known whose it is. RFC 7521 §4.2 */
import { z } from 'zod';
import { registeredClaims } from '../../../lib/jwt-claim-schemas.ts';
import type { ClientJwt, ClientJwtShape } from '../verify-client-jwt.ts';

const assertionClaims = z.object(registeredClaims);

export type Assertion = ClientJwt<z.output<typeof assertionClaims>>;

export const assertionShape: ClientJwtShape<Assertion['claims']> = {
  claims: assertionClaims,
  longest: 16_384,
};
