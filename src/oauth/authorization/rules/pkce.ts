import { profiles } from '../../../config/client-protocol-profiles.ts';
import { PASSED, refuse } from '../../../lib/outcome.ts';
import type { Client } from '../../clients/client.ts';
import { isCodeChallenge } from '../../pkce.ts';
import { type AddressedRequest, type Findings, foundForCode, type RuleOutcome } from './rule.ts';

/** RFC 7636 §4.3, §4.4.1. An absent method would mean plain, so it is refused too. */
export function checkPkce(
  { client, parameters }: AddressedRequest,
  { asked: { access } }: Findings,
): RuleOutcome {
  const code_challenge = parameters.get('code_challenge');
  const method = parameters.get('code_challenge_method');
  const isDemanded = demandsPkce(client, access.scope);
  if (code_challenge === undefined) {
    if (method === undefined && !isDemanded) return PASSED;
    const remedy = isDemanded ? remedyOf(client) : ' beside code_challenge_method: send both, or neither';
    return refuse('invalid_request', 'missing_code_challenge', `code_challenge is missing${remedy}`);
  }
  if (method !== 'S256') {
    return refuse('invalid_request', 'wrong_code_challenge_method', 'code_challenge_method must be S256');
  }
  if (!isCodeChallenge(code_challenge)) {
    return refuse(
      'invalid_request',
      'malformed_code_challenge',
      'code_challenge must be 43 base64url characters',
    );
  }
  return foundForCode({ code_challenge });
}

/** RFC 9700 §2.1.1: of every public client; a confidential one may rely on the nonce where it asks for an ID token. */
function demandsPkce({ confidential, profile, metadata }: Client, scope: readonly string[]): boolean {
  if (!confidential || metadata.insecure_redirect_uris) return true;
  if (metadata.require_pkce !== undefined) return metadata.require_pkce;
  return profiles[profile].pkce === 'always' || !scope.includes('openid');
}

function remedyOf({ confidential, profile, metadata }: Client): string {
  if (!confidential) return ': a public client sends PKCE (RFC 7636)';
  if (metadata.insecure_redirect_uris)
    return ': its answers may travel in clear text (insecure_redirect_uris), so it sends PKCE (RFC 7636)';
  if (metadata.require_pkce) return ': the client is registered with require_pkce';
  return profiles[profile].pkce === 'always'
    ? `: profile ${profile} demands PKCE (RFC 7636)`
    : ': send PKCE (RFC 7636), or ask for the scope openid, or have the operator set require_pkce to false';
}
