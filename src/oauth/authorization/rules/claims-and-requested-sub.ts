import { isRefusal, PASSED, refuse } from '../../../lib/outcome.ts';
import { claimsBeyondScope } from '../../access/requested-claims-client-may-have.ts';
import { askedSubject, checkClaimsRequest } from '../../claims-request.ts';
import { localSubject } from '../../sub-and-sid-for-client.ts';
import { type AddressedRequest, type Findings, foundAsked, type RuleOutcome } from './rule.ts';

/** The sub of no user. It replaces one that the client asks for and was never given. */
const NO_SUB = '';

/** OpenID Connect Core §5.5, §3.1.2.2. A sub that is asked for is a hint that binds, as id_token_hint is. */
export function checkClaims(
  { context, client, parameters }: AddressedRequest,
  { asked: { access, hinted_sub } }: Findings,
): RuleOutcome {
  const sent = parameters.sent('claims');
  if (sent === undefined) return PASSED;
  const claims = checkClaimsRequest(sent);
  if (isRefusal(claims)) return claims;
  const subject = askedSubject(claims.request);
  if (isRefusal(subject)) return subject;
  const sub = subject === undefined ? undefined : (localSubject(context, client, subject) ?? NO_SUB);
  if (sub !== undefined && hinted_sub !== undefined && hinted_sub !== sub) {
    return refuse(
      'invalid_request',
      'conflicting_subjects',
      'id_token_hint and claims ask for different users',
    );
  }
  const beyond = claimsBeyondScope(context.claimCatalogue, client, access.scope, claims.request);
  return foundAsked({ access: { claims: beyond }, claims, hinted_sub: sub ?? hinted_sub });
}
