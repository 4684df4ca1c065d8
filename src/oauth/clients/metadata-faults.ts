/** What client metadata must agree on with itself and with this server. RFC 7591 §2, §3.2.2 */

import { profiles } from '../../config/profiles.ts';
import { refuse } from '../../lib/outcome.ts';
import type { Reason } from '../../lib/reason.ts';
import { assuresIdentity } from '../redirect-uri.ts';
import { isUserScope, parseScope } from '../scope.ts';
import { findConfidentialGrant } from './confidential-grant.ts';
import { findEncryptionFault } from './encryption.ts';
import { isForPeople } from './for-people.ts';
import type { ClientMetadata, MetadataRefusal, MetadataRules } from './metadata-shape.ts';
import { findLogoutUriFault, findRedirectUriFault, type RedirectUriRules } from './redirect-uri-rules.ts';
import { sectorOf } from './sector.ts';

/** The first thing that is wrong with the whole; undefined where nothing is. */
export function findMetadataFault(
  metadata: ClientMetadata,
  rules: MetadataRules,
): MetadataRefusal | undefined {
  return (
    findClearTextFault(metadata, rules) ??
    findRedirectFault(metadata, rules) ??
    findLogoutFault(metadata, rules) ??
    findMethodFault(metadata, rules) ??
    findPkceFault(metadata, rules) ??
    findRotationFault(metadata) ??
    findKeysFault(metadata) ??
    findGrantFault(metadata, rules) ??
    findScopeFault(metadata, rules) ??
    findResourceFault(metadata) ??
    findSubjectFault(metadata, rules) ??
    findEncryptionFault(metadata)
  );
}

/** Back-Channel Logout §2.2: https but for development; a fragment has no place in any of them. */
function findLogoutFault(metadata: ClientMetadata, rules: MetadataRules): MetadataRefusal | undefined {
  const { development } = rules;
  for (const uri of metadata.post_logout_redirect_uris ?? []) {
    const fault = findRedirectUriFault(uri, redirectRulesOf(metadata, rules));
    if (fault) return invalid('refused_logout_uri', `post_logout_redirect_uri ${shown(uri)} ${fault}`);
  }
  for (const member of ['backchannel_logout_uri', 'frontchannel_logout_uri'] as const) {
    const uri = metadata[member];
    const fault = uri === undefined ? undefined : findLogoutUriFault(uri, development);
    if (fault) return invalid('refused_logout_uri', `${member} ${shown(uri ?? '')} ${fault}`);
  }
  return findFrameFault(metadata);
}

function redirectRulesOf(
  { application_type, token_endpoint_auth_method, insecure_redirect_uris }: ClientMetadata,
  { development, selfRegistered, profile }: MetadataRules,
): RedirectUriRules {
  const isConfidential = token_endpoint_auth_method !== 'none';
  const trusted = !selfRegistered && isConfidential && profiles[profile].httpRedirects;
  return {
    native: application_type === 'native',
    development,
    trusted,
    insecure: trusted && insecure_redirect_uris,
  };
}

/** Front-Channel Logout §2: the page that is framed is of an app that people are sent to. */
function findFrameFault(metadata: ClientMetadata): MetadataRefusal | undefined {
  const uri = metadata.frontchannel_logout_uri;
  if (uri === undefined) return undefined;
  const { origin } = new URL(uri);
  if (metadata.redirect_uris.some((redirect) => new URL(redirect).origin === origin)) return undefined;
  return invalid(
    'refused_logout_uri',
    `frontchannel_logout_uri ${shown(uri)} must have the scheme, host and port of one of the redirect_uris`,
  );
}

/** Y2 (RFC 7591 §2): jwks or jwks_uri, never both; who signs assertions has one of them. */
function findKeysFault(metadata: ClientMetadata): MetadataRefusal | undefined {
  if (metadata.jwks !== undefined && metadata.jwks_uri !== undefined) {
    return invalid('two_key_sources', 'jwks and jwks_uri must not both be there');
  }
  const needsKeys = metadata.token_endpoint_auth_method === 'private_key_jwt';
  return needsKeys && metadata.jwks === undefined && metadata.jwks_uri === undefined
    ? invalid('missing_client_keys', 'private_key_jwt needs the public keys in jwks or jwks_uri')
    : undefined;
}

function findRedirectFault(metadata: ClientMetadata, rules: MetadataRules): MetadataRefusal | undefined {
  for (const uri of metadata.redirect_uris) {
    const fault = findRedirectUriFault(uri, redirectRulesOf(metadata, rules));
    if (fault)
      return refuse('invalid_redirect_uri', 'refused_redirect_uri', `redirect_uri ${shown(uri)} ${fault}`);
  }
  if (metadata.grant_types.includes('authorization_code') && metadata.redirect_uris.length === 0) {
    return refuse(
      'invalid_redirect_uri',
      'missing_redirect_uri',
      'authorization_code needs at least one redirect_uri',
    );
  }
  return undefined;
}

function findMethodFault(metadata: ClientMetadata, rules: MetadataRules): MetadataRefusal | undefined {
  const wanted = profiles[rules.profile].authMethods;
  const allowed = rules.authMethods.filter((method) => wanted === undefined || wanted.includes(method));
  if (allowed.length === 0) {
    return invalid(
      'profile_not_available',
      `profile ${rules.profile} needs ${wanted?.join(' or ')}, which this version does not offer; use oauth2.1 or oidc`,
    );
  }
  const method = metadata.token_endpoint_auth_method;
  if (!allowed.includes(method)) {
    return invalid(
      'unknown_auth_method',
      `token_endpoint_auth_method ${shown(method)}; write one of ${allowed.join(', ')}`,
    );
  }
  // RFC 8252 §8.6: nobody can tell who is behind a public client, so its user is always asked.
  if (method === 'none' && metadata.first_party)
    return invalid('public_first_party', 'a public client is always asked for');
  return undefined;
}

/** RFC 9700 §2.1.1: what proves that the code comes back to who asked is left out by confidential clients alone. */
function findPkceFault(metadata: ClientMetadata, { profile }: MetadataRules): MetadataRefusal | undefined {
  if (metadata.require_pkce !== false) return undefined;
  if (metadata.token_endpoint_auth_method === 'none')
    return invalid('public_without_pkce', 'require_pkce cannot be false for a public client');
  return profiles[profile].pkce === 'always'
    ? invalid(
        'profile_demands_pkce',
        `require_pkce cannot be false with profile ${profile}; use profile oidc`,
      )
    : undefined;
}

/** RFC 9700 §2.2.2: what nobody proves to be theirs is spent by its use, so that a theft is seen. */
function findRotationFault(metadata: ClientMetadata): MetadataRefusal | undefined {
  const { refresh_token_rotation, token_endpoint_auth_method } = metadata;
  if (refresh_token_rotation !== false || token_endpoint_auth_method !== 'none') return undefined;
  return invalid('public_without_rotation', 'refresh_token_rotation cannot be false for a public client');
}

/** A redirect in clear text shows the code to whoever is on the way: the secret and PKCE alone keep it from being worth anything. */
function findClearTextFault(
  { insecure_redirect_uris, application_type, ...metadata }: ClientMetadata,
  { profile }: MetadataRules,
): MetadataRefusal | undefined {
  if (!insecure_redirect_uris) return undefined;
  const refused = (sentence: string) =>
    invalid('refused_insecure_redirects', `insecure_redirect_uris ${sentence}`);
  if (metadata.token_endpoint_auth_method === 'none') return refused('is for confidential clients alone');
  // RFC 8252 §8.5: a secret in an app on a device is none.
  if (application_type === 'native') return refused('is not for native apps, which have loopback addresses');
  if (metadata.first_party)
    return refused('and first_party exclude each other: people are asked where the code can be read');
  if (metadata.require_pkce === false) return refused('demands PKCE; take require_pkce: false away');
  return profiles[profile].httpRedirects ? undefined : refused(`is not for profile ${profile}; use https`);
}

function findGrantFault(metadata: ClientMetadata, rules: MetadataRules): MetadataRefusal | undefined {
  const known = rules.grantTypes.map(({ grantType }) => grantType);
  const unknown = metadata.grant_types.find((grant) => !known.includes(grant));
  if (unknown !== undefined) {
    return invalid(
      'unknown_grant_type',
      `grant_type ${shown(unknown)}; write one of ${known.join(', ')}${hintOf(metadata)}`,
    );
  }
  const confidential = findConfidentialGrant(metadata, rules);
  if (confidential !== undefined) {
    return invalid(
      'public_with_confidential_grant',
      `${confidential} needs a confidential client${hintOf(metadata)}`,
    );
  }
  if (metadata.response_types.some((type) => type !== 'code')) {
    return invalid('unknown_response_type', 'response_types may hold only "code"');
  }
  if (metadata.response_types.includes('code') !== metadata.grant_types.includes('authorization_code')) {
    return invalid('inconsistent_types', 'response_type code and grant_type authorization_code go together');
  }
  return undefined;
}

/** Who left grant_types out and has no redirect_uris asked for client_credentials without knowing. */
function hintOf({ redirect_uris }: ClientMetadata): string {
  return redirect_uris.length === 0 ? '; an app that people sign in to needs redirect_uris' : '';
}

function findScopeFault(metadata: ClientMetadata, rules: MetadataRules): MetadataRefusal | undefined {
  const scopes = parseScope(metadata.scope);
  if (!scopes) return invalid('malformed_scope', 'scope must be words of RFC 6749 §3.3, separated by spaces');
  const foreign = isForPeople(metadata.grant_types, rules) ? undefined : scopes.find(isUserScope);
  return foreign === undefined
    ? undefined
    : invalid('user_scope', `scope ${foreign} is about a person; a client of its own cannot have it`);
}

const OF_RESOURCES = ['access_token_type', 'access_token_signed_response_alg'] as const;

/** RFC 3986 §2: ASCII alone; PostgreSQL's index takes no more than 2,704 bytes. */
const RESOURCE = /^[\x21-\x7E]{1,2000}$/;

function findResourceFault(metadata: ClientMetadata): MetadataRefusal | undefined {
  const { resources, default_resource, token_endpoint_auth_method } = metadata;
  if (resources.length > 0 && token_endpoint_auth_method === 'none') {
    return invalid('public_resource_server', 'a resource server must be a confidential client');
  }
  const wrong = resources.find((uri) => !RESOURCE.test(uri) || !URL.canParse(uri) || uri.includes('#'));
  if (wrong !== undefined) {
    return invalid(
      'malformed_resource',
      `resource ${shown(wrong)} must be an absolute URI of ASCII without a fragment, of at most 2,000 characters (RFC 8707 §2)`,
    );
  }
  const idle = OF_RESOURCES.find((member) => metadata[member] !== undefined);
  if (idle && resources.length === 0) {
    return invalid(
      'type_without_resources',
      `${idle} is of the tokens for the resources of this client, and it has none; name them by --resource`,
    );
  }
  const isAbsolute = default_resource === undefined || URL.canParse(default_resource);
  return isAbsolute
    ? undefined
    : invalid('malformed_resource', `default_resource ${shown(default_resource)} must be an absolute URI`);
}

/** OpenID Connect Core §8.1: several hosts have no sector in common unless sector_identifier_uri says so. */
function findSubjectFault(
  metadata: ClientMetadata,
  { development }: MetadataRules,
): MetadataRefusal | undefined {
  if (metadata.subject_type !== 'pairwise' || metadata.sector_identifier_uri !== undefined) return undefined;
  const isAssured = development || metadata.redirect_uris.every(assuresIdentity);
  if (isAssured && sectorOf(metadata) !== undefined) return undefined;
  return invalid(
    'unclear_sector',
    'subject_type pairwise needs https redirect_uris of one host, or a sector_identifier_uri',
  );
}

function invalid(reason: Reason, description: string): MetadataRefusal {
  return refuse('invalid_client_metadata', reason, description);
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 200));
}
