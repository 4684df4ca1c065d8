/** The authorization request, checked in the specification's order. RFC 6749 §4.1.1, OpenID Connect Core §3.1.2.1 */

import { profiles } from '../../config/profiles.ts';
import { LONGEST_LOGIN } from '../../identity/sign-in.ts';
import { type Checked, checkInOrder, isRefusal, PASSED, refuse } from '../../lib/outcome.ts';
import { checkClaimsRequest } from '../claims-request.ts';
import type { Client } from '../clients/client.ts';
import { isStranger } from '../clients/strangers.ts';
import type { OAuthContext } from '../context.ts';
import { checkRepeated, type Parameters } from '../parameters.ts';
import { isCodeChallenge } from '../pkce.ts';
import { refuseScope } from '../refused-scope.ts';
import { narrowScope, openScopes, parseScope } from '../scope.ts';
import { subjectOfIdToken } from '../tokens/id-token.ts';
import { checkAcr } from './acr-request.ts';
import { checkMaxAge, checkPrompt } from './prompt.ts';
import type { Asked, AuthorizationRefusal, CheckedRequest, CodeTerms } from './request-shape.ts';
import { checkRequestedClaims } from './requested-claims.ts';
import { checkRequestedResources } from './requested-resources.ts';
import { DEFAULT_MODE, responseModesOf } from './response-modes/index.ts';
import { findTarget } from './target.ts';
import { isToldAfterSignIn, refusedRequest } from './untrusted.ts';

/** Throws OAuthError while client_id and redirect_uri are not trusted; from then on a refusal is redirected. */
export async function checkAuthorizationRequest(
  context: OAuthContext,
  parameters: Parameters,
): Promise<CheckedRequest> {
  const { client, target, redirect_uri_sent } = await findTarget(context, parameters);
  const checked = await checkParameters(context, client, parameters);
  if (!isRefusal(checked)) {
    const { asked, code } = checked;
    const { client_id } = client;
    return { client, request: { client_id, asked, target, code: { redirect_uri_sent, ...code } } };
  }
  return isToldAfterSignIn(client, parameters)
    ? { client, request: refusedRequest(client, target, checked) }
    : { client, target, refusal: checked };
}

interface CheckedParameters {
  readonly asked: Asked;
  readonly code: Omit<CodeTerms, 'redirect_uri_sent'>;
}

async function checkParameters(
  context: OAuthContext,
  client: Client,
  parameters: Parameters,
): Promise<CheckedParameters | AuthorizationRefusal> {
  const checked = checkInOrder<AuthorizationRefusal>(
    () => checkRepeated(parameters),
    () => checkUnsupported(parameters),
    () => checkResponseType(client, parameters),
    () => checkResponseMode(client, parameters),
  );
  if (checked !== PASSED) return checked;
  const scope = checkScope(context, client, parameters.get('scope'));
  if (isRefusal(scope)) return scope;
  const pkce = checkPkce(client, scope, parameters);
  if (pkce !== PASSED) return pkce;
  const target = await checkRequestedResources(context, client, scope, parameters);
  if (isRefusal(target)) return target;
  const prompt = checkPrompt(parameters.get('prompt'));
  if (isRefusal(prompt)) return prompt;
  const max_age = checkMaxAge(parameters.get('max_age'));
  if (isRefusal(max_age)) return max_age;
  const hinted_sub = await checkHint(context, parameters.get('id_token_hint'));
  if (isRefusal(hinted_sub)) return hinted_sub;
  const value = parameters.sent('claims');
  const sent = value === undefined ? undefined : checkClaimsRequest(value);
  if (isRefusal(sent)) return sent;
  const claims = checkRequestedClaims(context, client, { scope, hinted_sub, claims: sent });
  if (isRefusal(claims)) return claims;
  const acr_values = parameters.get('acr_values') ?? client.metadata.default_acr_values?.join(' ');
  const acr = checkAcr(sent?.request, acr_values);
  if (isRefusal(acr)) return acr;
  const asked = {
    scope,
    ...target,
    prompt,
    max_age: max_age ?? client.metadata.default_max_age,
    login_hint: nameOf(parameters.get('login_hint')),
    hinted_sub,
    acr,
    ...claims,
  };
  return {
    asked,
    code: { code_challenge: parameters.get('code_challenge'), nonce: parameters.get('nonce') },
  };
}

/** What is longer than any name that signs in names nobody, and a part of it is not what was asked for. */
function nameOf(login_hint: string | undefined): string | undefined {
  return login_hint !== undefined && login_hint.length <= LONGEST_LOGIN ? login_hint : undefined;
}

/** OpenID Connect Core §3.1.2.6: refused by name, never ignored. */
function checkUnsupported(parameters: Parameters): Checked<AuthorizationRefusal> {
  const unsupported = (['request', 'request_uri', 'registration'] as const).find(
    (name) => parameters.get(name) !== undefined,
  );
  if (unsupported === undefined) return PASSED;
  const code = `${unsupported}_not_supported` as const;
  return refuse(code, code, `${unsupported} is not supported`);
}

function checkResponseType(client: Client, parameters: Parameters): Checked<AuthorizationRefusal> {
  const response_type = parameters.get('response_type');
  if (response_type === undefined)
    return refuse('invalid_request', 'missing_response_type', 'response_type is missing');
  if (response_type !== 'code') {
    return refuse('unsupported_response_type', 'unsupported_response_type', 'response_type must be code');
  }
  if (!client.metadata.grant_types.includes('authorization_code')) {
    return refuse(
      'unauthorized_client',
      'response_type_not_allowed',
      'this client may not use response_type code',
    );
  }
  return PASSED;
}

/** Z24 (ASVS 5 V10.4.12): of all modes, those that the client was registered with. */
function checkResponseMode(client: Client, parameters: Parameters): Checked<AuthorizationRefusal> {
  const response_mode = parameters.get('response_mode') ?? DEFAULT_MODE;
  const known = responseModesOf(client).map((mode): string => mode.name);
  if (known.includes(response_mode)) return PASSED;
  return refuse(
    'invalid_request',
    'unsupported_response_mode',
    `response_mode must be one of: ${known.join(', ')}`,
  );
}

/** Who registered itself named no scope to begin with: it is not given all that is known of a person for that. */
function defaultScope(
  client: Client,
  allowed: readonly string[],
  open: readonly string[],
): readonly string[] {
  if (!isStranger(client)) return allowed;
  return allowed.filter((scope) => scope === 'openid' || open.includes(scope));
}

/** RFC 7636 §4.3, §4.4.1. An absent method would mean plain, so it is refused too. */
function checkPkce(client: Client, scope: string, parameters: Parameters): Checked<AuthorizationRefusal> {
  const code_challenge = parameters.get('code_challenge');
  const method = parameters.get('code_challenge_method');
  const isDemanded = demandsPkce(client, scope);
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
  return PASSED;
}

/** RFC 9700 §2.1.1: of every public client; a confidential one may rely on the nonce where it asks for an ID token. */
function demandsPkce({ confidential, profile, metadata }: Client, scope: string): boolean {
  if (!confidential || metadata.insecure_redirect_uris) return true;
  if (metadata.require_pkce !== undefined) return metadata.require_pkce;
  return profiles[profile].pkce === 'always' || !scope.split(' ').includes('openid');
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

/** RFC 6749 §3.3: what is asked, or else the client's default. Z23 (Core §11): consent is asked for offline_access too. */
function checkScope(
  { settings }: OAuthContext,
  client: Client,
  asked: string | undefined,
): string | AuthorizationRefusal {
  const allowed = parseScope(client.metadata.scope) ?? [];
  if (asked === undefined) return defaultScope(client, allowed, openScopes(settings.scopes)).join(' ');
  const scope = narrowScope(client.profile, asked, allowed);
  return scope ? scope.join(' ') : refuseScope(client, asked, allowed);
}

async function checkHint(
  context: OAuthContext,
  id_token_hint: string | undefined,
): Promise<string | undefined | AuthorizationRefusal> {
  if (id_token_hint === undefined) return undefined;
  const sub = await subjectOfIdToken(context, id_token_hint);
  return (
    sub ??
    refuse('invalid_request', 'foreign_id_token_hint', 'id_token_hint is not an ID token of this issuer')
  );
}
