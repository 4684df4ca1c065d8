/** What client metadata must agree on with itself and with this server. RFC 7591 §2, §3.2.2 */
import { z } from 'zod';
import { profiles } from '../../config/client-protocol-profiles.ts';
import { type Checked, checkInOrder, PASSED } from '../../lib/outcome.ts';
import { faultWords } from '../../lib/zod-messages.ts';
import { isUserScope, parseScope } from '../parse-and-narrow-scope.ts';
import { assuresIdentity } from '../redirect-uri-kind.ts';
import { isForPeople } from './acts-for-people.ts';
import { findConfidentialGrant } from './confidential-only-grants.ts';
import type { MetadataRefusal } from './metadata-refusal.ts';
import { invalidMetadata, shownValue } from './metadata-refusal.ts';
import type { ClientMetadata, MetadataRules } from './metadata-shape.ts';
import { sectorOf } from './pairwise-sector.ts';
import { checkClearText, checkLogout, checkRedirects } from './redirect-and-logout-uri-faults.ts';
import { checkEncryption } from './response-encryption-metadata.ts';

/** The first thing that is wrong with the whole. */
export function checkAgreement(metadata: ClientMetadata, rules: MetadataRules): Checked<MetadataRefusal> {
  return checkInOrder<MetadataRefusal>(
    () => checkSigningAlg(metadata, rules),
    () => checkClearText(metadata, rules),
    () => checkRedirects(metadata, rules),
    () => checkLogout(metadata, rules),
    () => checkMethod(metadata, rules),
    () => checkPkce(metadata, rules),
    () => checkRotation(metadata),
    () => checkKeySources(metadata, rules),
    () => checkGrantTypes(metadata, rules),
    () => checkScope(metadata, rules),
    () => checkResources(metadata),
    () => checkSubject(metadata, rules),
    () => checkEncryption(metadata),
  );
}

function methodOf({ token_endpoint_auth_method }: ClientMetadata, { authMethods }: MetadataRules) {
  return authMethods.find(({ name }) => name === token_endpoint_auth_method);
}

/** OpenID Connect Registration §2: one by which its method may sign; where that signs nothing, any that discovery names. */
function checkSigningAlg(metadata: ClientMetadata, rules: MetadataRules): Checked<MetadataRefusal> {
  const alg = metadata.token_endpoint_auth_signing_alg;
  const all = rules.authMethods.flatMap(({ algorithms = [] }) => algorithms);
  const { error } = z
    .enum(methodOf(metadata, rules)?.algorithms ?? all)
    .optional()
    .safeParse(alg, { error: faultWords(alg) });
  return error
    ? invalidMetadata('malformed_metadata', `token_endpoint_auth_signing_alg: ${error.issues[0]?.message}`)
    : PASSED;
}

/** Y2 (RFC 7591 §2): jwks or jwks_uri, never both; who signs with keys has one of them. */
function checkKeySources(metadata: ClientMetadata, rules: MetadataRules): Checked<MetadataRefusal> {
  if (metadata.jwks !== undefined && metadata.jwks_uri !== undefined) {
    return invalidMetadata('two_key_sources', 'jwks and jwks_uri must not both be there');
  }
  const method = methodOf(metadata, rules);
  return method?.credential === 'keys' && metadata.jwks === undefined && metadata.jwks_uri === undefined
    ? invalidMetadata('missing_client_keys', `${method.name} needs the public keys in jwks or jwks_uri`)
    : PASSED;
}

function checkMethod(metadata: ClientMetadata, rules: MetadataRules): Checked<MetadataRefusal> {
  const wanted = profiles[rules.profile].authMethods;
  const offered = rules.authMethods.map(({ name }) => name);
  const allowed = offered.filter((method) => wanted === undefined || wanted.includes(method));
  if (allowed.length === 0) {
    return invalidMetadata(
      'profile_not_available',
      `profile ${rules.profile} needs ${wanted?.join(' or ')}, which this version does not offer; use oauth2.1 or oidc`,
    );
  }
  const method = metadata.token_endpoint_auth_method;
  if (!allowed.includes(method)) {
    return invalidMetadata(
      'unknown_auth_method',
      `token_endpoint_auth_method ${shownValue(method)}; write one of ${allowed.join(', ')}`,
    );
  }
  // RFC 8252 §8.6: a public client cannot be authenticated, so its user is always asked.
  if (method === 'none' && metadata.first_party)
    return invalidMetadata('public_first_party', 'a public client is always asked for');
  return PASSED;
}

/** RFC 9700 §2.1.1: PKCE proves that the client that asked redeems the code; only a confidential client may leave it out. */
function checkPkce(metadata: ClientMetadata, { profile }: MetadataRules): Checked<MetadataRefusal> {
  if (metadata.require_pkce !== false) return PASSED;
  if (metadata.token_endpoint_auth_method === 'none')
    return invalidMetadata('public_without_pkce', 'require_pkce cannot be false for a public client');
  return profiles[profile].pkce === 'always'
    ? invalidMetadata(
        'profile_demands_pkce',
        `require_pkce cannot be false with profile ${profile}; use profile oidc`,
      )
    : PASSED;
}

/** RFC 9700 §2.2.2: a refresh token that is used without authentication is spent by its use, so that a theft is detected. */
function checkRotation(metadata: ClientMetadata): Checked<MetadataRefusal> {
  const { refresh_token_rotation, token_endpoint_auth_method } = metadata;
  if (refresh_token_rotation !== false || token_endpoint_auth_method !== 'none') return PASSED;
  return invalidMetadata(
    'public_without_rotation',
    'refresh_token_rotation cannot be false for a public client',
  );
}

function checkGrantTypes(metadata: ClientMetadata, rules: MetadataRules): Checked<MetadataRefusal> {
  const known = rules.grantTypes.map(({ grantType }) => grantType);
  const unknown = metadata.grant_types.find((grant) => !known.includes(grant));
  if (unknown !== undefined) {
    return invalidMetadata(
      'unknown_grant_type',
      `grant_type ${shownValue(unknown)}; write one of ${known.join(', ')}${hintOf(metadata)}`,
    );
  }
  const confidential = findConfidentialGrant(metadata, rules);
  if (confidential !== undefined) {
    return invalidMetadata(
      'public_with_confidential_grant',
      `${confidential} needs a confidential client${hintOf(metadata)}`,
    );
  }
  if (metadata.response_types.some((type) => type !== 'code')) {
    return invalidMetadata('unknown_response_type', 'response_types may hold only "code"');
  }
  if (metadata.response_types.includes('code') !== metadata.grant_types.includes('authorization_code')) {
    return invalidMetadata(
      'inconsistent_types',
      'response_type code and grant_type authorization_code go together',
    );
  }
  return PASSED;
}

/** Who left grant_types out and has no redirect_uris asked for client_credentials without knowing. */
function hintOf({ redirect_uris }: ClientMetadata): string {
  return redirect_uris.length === 0 ? '; an app that people sign in to needs redirect_uris' : '';
}

function checkScope(metadata: ClientMetadata, rules: MetadataRules): Checked<MetadataRefusal> {
  const scopes = parseScope(metadata.scope);
  if (!scopes)
    return invalidMetadata('malformed_scope', 'scope must be words of RFC 6749 §3.3, separated by spaces');
  const foreign = isForPeople(metadata.grant_types, rules) ? undefined : scopes.find(isUserScope);
  return foreign === undefined
    ? PASSED
    : invalidMetadata('user_scope', `scope ${foreign} is about a person; a client of its own cannot have it`);
}

const OF_RESOURCES = ['access_token_type', 'access_token_signed_response_alg'] as const;

/** RFC 3986 §2: ASCII alone; PostgreSQL's index takes no more than 2,704 bytes. */
const RESOURCE = /^[\x21-\x7E]{1,2000}$/;

function checkResources(metadata: ClientMetadata): Checked<MetadataRefusal> {
  const { resources, default_resource, token_endpoint_auth_method } = metadata;
  if (resources.length > 0 && token_endpoint_auth_method === 'none') {
    return invalidMetadata('public_resource_server', 'a resource server must be a confidential client');
  }
  const wrong = resources.find((uri) => !RESOURCE.test(uri) || !URL.canParse(uri) || uri.includes('#'));
  if (wrong !== undefined) {
    return invalidMetadata(
      'malformed_resource',
      `resource ${shownValue(wrong)} must be an absolute URI of ASCII without a fragment, of at most 2,000 characters (RFC 8707 §2)`,
    );
  }
  const idle = OF_RESOURCES.find((member) => metadata[member] !== undefined);
  if (idle && resources.length === 0) {
    return invalidMetadata(
      'type_without_resources',
      `${idle} is of the tokens for the resources of this client, and it has none; name them by --resource`,
    );
  }
  const isAbsolute = default_resource === undefined || URL.canParse(default_resource);
  return isAbsolute
    ? PASSED
    : invalidMetadata(
        'malformed_resource',
        `default_resource ${shownValue(default_resource)} must be an absolute URI`,
      );
}

/** OpenID Connect Core §8.1: several hosts have no sector in common unless sector_identifier_uri says so. */
function checkSubject(metadata: ClientMetadata, { development }: MetadataRules): Checked<MetadataRefusal> {
  if (metadata.subject_type !== 'pairwise' || metadata.sector_identifier_uri !== undefined) return PASSED;
  const isAssured = development || metadata.redirect_uris.every(assuresIdentity);
  if (isAssured && sectorOf(metadata) !== undefined) return PASSED;
  return invalidMetadata(
    'unclear_sector',
    'subject_type pairwise needs https redirect_uris of one host, or a sector_identifier_uri',
  );
}
