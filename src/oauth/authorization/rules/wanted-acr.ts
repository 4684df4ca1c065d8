import { z } from 'zod';
import { isReachable, type WantedAssurance } from '../../../identity/assurance.ts';
import { isRefusal, type Refusal, refuse } from '../../../lib/outcome.ts';
import type { ClaimsRequest } from '../../claims-request.ts';
import type { AuthorizationRefusal } from '../authorization-request-types.ts';
import { type AddressedRequest, type Findings, type Found, foundAsked } from './rule.ts';

const acrClaimSchema = z
  .object({
    essential: z.boolean().optional(),
    value: z.string().optional(),
    values: z.array(z.string()).min(1).max(100).optional(),
  })
  .nullable();

/**
 * What the request wants of the sign-in's strength: OpenID Connect Core §3.1.2.1 acr_values, RFC 9470 §5; what is essential
 * (Core §5.5.1.1) and cannot be reached is an error now rather than after signing in.
 */
export function checkAcrValues(
  { client, parameters }: AddressedRequest,
  { asked: { claims } }: Findings,
): Found | AuthorizationRefusal {
  const acr_values = parameters.get('acr_values') ?? client.metadata.default_acr_values?.join(' ');
  const acr = parseAcrRequest(claims?.request, acr_values);
  if (isRefusal(acr)) return acr;
  if (!acr.essential || isReachable(acr)) return foundAsked({ acr });
  return refuse(
    'unmet_authentication_requirements',
    'unreachable_acr',
    'no acr value that is essential here can be reached; see acr_values_supported',
  );
}

/** What the claims parameter asks for acr comes before acr_values. */
function parseAcrRequest(
  claims: ClaimsRequest | undefined,
  acr_values: string | undefined,
): WantedAssurance | Refusal<'invalid_request'> {
  const ofParameter = (acr_values ?? '').split(' ').filter((acr) => acr !== '');
  const acr = claims?.id_token?.acr;
  if (acr === undefined) return { essential: false, values: ofParameter };
  const asked = acrClaimSchema.safeParse(acr);
  if (!asked.success) {
    return refuse(
      'invalid_request',
      'malformed_claims',
      'claims: acr of id_token must be null, or have essential, and value or values',
    );
  }
  const { essential = false, value, values } = asked.data ?? {};
  const ofClaim = values ?? (value === undefined ? [] : [value]);
  return { essential, values: ofClaim.length > 0 ? ofClaim : ofParameter };
}
