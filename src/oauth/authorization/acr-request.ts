/** What the request wants of the sign-in's strength. OpenID Connect Core §3.1.2.1 acr_values, §5.5.1.1; RFC 9470 §5 */
import { z } from 'zod';
import { isReachable, type WantedAssurance } from '../../identity/assurance.ts';
import { isRefusal, type Refusal, refuse } from '../../lib/outcome.ts';
import type { ClaimsRequest } from '../claims-request.ts';

const acrClaimSchema = z
  .object({
    essential: z.boolean().optional(),
    value: z.string().optional(),
    values: z.array(z.string()).min(1).max(100).optional(),
  })
  .nullish();

/** Core §5.5.1.1: what is essential and cannot be reached is an error, now rather than after signing in. */
export function checkAcr(
  claims: ClaimsRequest | undefined,
  acr_values: string | undefined,
): WantedAssurance | Refusal<'invalid_request' | 'unmet_authentication_requirements'> {
  const acr = parseAcrRequest(claims, acr_values);
  if (isRefusal(acr) || !acr.essential || isReachable(acr)) return acr;
  return refuse(
    'unmet_authentication_requirements',
    'unreachable_acr',
    'no acr value that is essential here can be reached; see acr_values_supported',
  );
}

/** The wish of the claims parameter for acr comes before acr_values. */
function parseAcrRequest(
  claims: ClaimsRequest | undefined,
  acr_values: string | undefined,
): WantedAssurance | Refusal<'invalid_request'> {
  const asked = acrClaimSchema.safeParse(claims?.id_token?.acr);
  if (!asked.success) {
    return refuse(
      'invalid_request',
      'malformed_claims',
      'claims: acr of id_token must be null, or have essential, and value or values',
    );
  }
  const { essential = false, value, values } = asked.data ?? {};
  const ofClaim = values ?? (value === undefined ? [] : [value]);
  const ofParameter = (acr_values ?? '').split(' ').filter((acr) => acr !== '');
  return { essential, values: ofClaim.length > 0 ? ofClaim : ofParameter };
}
