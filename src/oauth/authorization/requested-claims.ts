/** What the claims parameter means for an authorization request. OpenID Connect Core §5.5, §3.1.2.2 */
import { isRefusal, type Refusal, refuse } from '../../lib/outcome.ts';
import { askedSubject, claimsBeyondScope, type SentClaims } from '../claims-request.ts';
import type { Client } from '../clients/client.ts';
import type { OAuthContext } from '../context.ts';
import { localSubject } from '../subject.ts';

/** The sub of no person: what a client asks for that it was never told. */
const NOBODY = '';

export interface RequestedClaims {
  readonly claims?: SentClaims | undefined;
  /** The claims asked one by one that the scopes do not hold; the person must allow them too. */
  readonly single_claims?: readonly string[] | undefined;
}

interface Beside {
  readonly scope: string;
  /** The sub that id_token_hint names. */
  readonly hinted_sub: string | undefined;
  readonly claims: SentClaims | undefined;
}

/** A sub that is asked for is a hint that binds, as id_token_hint is. */
export function checkRequestedClaims(
  context: OAuthContext,
  client: Client,
  { scope, hinted_sub, claims }: Beside,
): (RequestedClaims & { readonly hinted_sub?: string | undefined }) | Refusal<'invalid_request'> {
  if (claims === undefined) return {};
  const { request } = claims;
  const subject = askedSubject(request);
  if (isRefusal(subject)) return subject;
  const sub = subject === undefined ? undefined : (localSubject(context, client, subject) ?? NOBODY);
  if (sub !== undefined && hinted_sub !== undefined && hinted_sub !== sub) {
    return refuse(
      'invalid_request',
      'conflicting_subjects',
      'id_token_hint and claims ask for different users',
    );
  }
  const single_claims = claimsBeyondScope(context.settings.claimCatalogue, client, scope, request);
  return { claims, single_claims, hinted_sub: sub ?? hinted_sub };
}
