/** Client metadata by its wire names. RFC 7591 §2, OpenID Connect Dynamic Client Registration §2 */
import { z } from 'zod';
import { type ProfileName, profiles } from '../../config/profiles.ts';
import { type Refusal, refuse } from '../../lib/outcome.ts';
import { type SigningAlgorithm, signingAlgorithms } from '../keys/sign-jwt.ts';
import { isUserScope, parseScope } from '../scope.ts';
import { type EncryptionMetadata, encryptionShape, findEncryptionFault } from './encryption.ts';
import { findRedirectUriFault } from './redirect-uri-rules.ts';
import { sectorOf } from './sector.ts';

const DEFAULT_SCOPE = 'openid profile email offline_access';
/** Control characters, and those that turn the reading direction around. */
const DECEIVING = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

const webUrl = z.url({ protocol: /^https?$/ }).max(2048);

/** Unknown members are ignored (RFC 7591 §2). */
const metadataSchema = z.object({
  client_name: z
    .string()
    .trim()
    .min(1)
    .max(120)
    .refine((name) => !DECEIVING.test(name), 'has control characters'),
  redirect_uris: z.array(z.string().max(2048)).max(50).default([]),
  grant_types: z.array(z.string()).min(1).optional(),
  response_types: z.array(z.string()).optional(),
  scope: z.string().max(4096).optional(),
  token_endpoint_auth_method: z.string().optional(),
  application_type: z.enum(['web', 'native']).default('web'),
  id_token_signed_response_alg: z.enum(signingAlgorithms).optional(),
  default_max_age: z.int().min(0).max(999_999_999).optional(),
  // How the person is named to the client, and how what is said of them is signed and encrypted.
  subject_type: z.enum(['public', 'pairwise']).optional(),
  userinfo_signed_response_alg: z.enum(signingAlgorithms).optional(),
  ...encryptionShape,
  client_uri: webUrl.optional(),
  contacts: z.array(z.string().max(320)).max(10).optional(),
  /** Ours: the resource indicators (RFC 8707) that this client, as a resource server, answers for. */
  resources: z.array(z.string().max(2048)).max(50).default([]),
  /** Ours: an app of the operator's own, for which consent is not asked. */
  first_party: z.boolean().default(false),
});

export interface ClientMetadata extends EncryptionMetadata {
  readonly client_name: string;
  readonly redirect_uris: readonly string[];
  readonly grant_types: readonly string[];
  readonly response_types: readonly string[];
  /** What the client may ask for, and gets where a request names no scope. */
  readonly scope: string;
  readonly token_endpoint_auth_method: string;
  readonly application_type: 'web' | 'native';
  readonly id_token_signed_response_alg: SigningAlgorithm;
  /** Seconds; what max_age is where a request names none. */
  readonly default_max_age?: number | undefined;
  readonly subject_type?: 'public' | 'pairwise' | undefined;
  readonly userinfo_signed_response_alg?: SigningAlgorithm | undefined;
  readonly client_uri?: string | undefined;
  readonly contacts?: readonly string[] | undefined;
  readonly resources: readonly string[];
  readonly first_party: boolean;
}

/** What exists here, from the tables above this room. */
export interface MetadataRules {
  readonly profile: ProfileName;
  readonly development: boolean;
  readonly grantTypes: readonly string[];
  readonly authMethods: readonly string[];
}

export type MetadataRefusal = Refusal<'invalid_redirect_uri' | 'invalid_client_metadata'>;

type Draft = z.output<typeof metadataSchema>;

/** The metadata with every default in place, or why it is refused. */
export function checkMetadata(input: unknown, rules: MetadataRules): ClientMetadata | MetadataRefusal {
  const outcome = metadataSchema.safeParse(input);
  if (!outcome.success) {
    const [issue] = outcome.error.issues;
    return invalid('malformed_metadata', `${issue?.path.join('.') || 'the metadata'}: ${issue?.message}`);
  }
  const metadata = complete(outcome.data, rules);
  return (
    findRedirectFault(metadata, rules) ??
    findMethodFault(metadata, rules) ??
    findGrantFault(metadata, rules) ??
    findScopeFault(metadata) ??
    findResourceFault(metadata) ??
    findSubjectFault(metadata) ??
    findEncryptionFault(metadata) ??
    metadata
  );
}

/** RFC 7591 §2: what is left out. */
function complete(draft: Draft, rules: MetadataRules): ClientMetadata {
  const redirects = draft.redirect_uris.length > 0;
  const grant_types =
    draft.grant_types ?? (redirects ? ['authorization_code', 'refresh_token'] : ['client_credentials']);
  return {
    ...draft,
    grant_types,
    response_types: draft.response_types ?? (grant_types.includes('authorization_code') ? ['code'] : []),
    scope: draft.scope ?? (grant_types.includes('authorization_code') ? DEFAULT_SCOPE : ''),
    token_endpoint_auth_method: draft.token_endpoint_auth_method ?? 'client_secret_basic',
    id_token_signed_response_alg:
      draft.id_token_signed_response_alg ?? profiles[rules.profile].defaultIdTokenAlg,
  };
}

function findRedirectFault(metadata: ClientMetadata, rules: MetadataRules): MetadataRefusal | undefined {
  const native = metadata.application_type === 'native';
  for (const uri of metadata.redirect_uris) {
    const fault = findRedirectUriFault(uri, { native, development: rules.development });
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

function findGrantFault(metadata: ClientMetadata, rules: MetadataRules): MetadataRefusal | undefined {
  const unknown = metadata.grant_types.find((grant) => !rules.grantTypes.includes(grant));
  if (unknown !== undefined) {
    return invalid(
      'unknown_grant_type',
      `grant_type ${shown(unknown)}; write one of ${rules.grantTypes.join(', ')}`,
    );
  }
  if (metadata.grant_types.includes('client_credentials') && metadata.token_endpoint_auth_method === 'none') {
    return invalid(
      'public_client_credentials',
      'client_credentials needs a confidential client (RFC 6749 §4.4)',
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

function findScopeFault(metadata: ClientMetadata): MetadataRefusal | undefined {
  const scopes = parseScope(metadata.scope);
  if (!scopes) return invalid('malformed_scope', 'scope must be words of RFC 6749 §3.3, separated by spaces');
  const forPeople = metadata.grant_types.includes('authorization_code');
  const foreign = forPeople ? undefined : scopes.find(isUserScope);
  return foreign === undefined
    ? undefined
    : invalid('user_scope', `scope ${foreign} is about a person; a client of its own cannot have it`);
}

function findResourceFault(metadata: ClientMetadata): MetadataRefusal | undefined {
  if (metadata.resources.length > 0 && metadata.token_endpoint_auth_method === 'none') {
    return invalid('public_resource_server', 'a resource server must be a confidential client');
  }
  const wrong = metadata.resources.find((uri) => !URL.canParse(uri) || uri.includes('#'));
  return wrong === undefined
    ? undefined
    : invalid(
        'malformed_resource',
        `resource ${shown(wrong)} must be an absolute URI without a fragment (RFC 8707 §2)`,
      );
}

/** OpenID Connect Core §8.1: several hosts have no sector in common unless sector_identifier_uri says so. */
function findSubjectFault(metadata: ClientMetadata): MetadataRefusal | undefined {
  if (metadata.subject_type !== 'pairwise' || sectorOf(metadata) !== undefined) return undefined;
  return invalid(
    'unclear_sector',
    'subject_type pairwise needs redirect_uris of one host, or a sector_identifier_uri',
  );
}

function invalid(reason: string, description: string): MetadataRefusal {
  return refuse('invalid_client_metadata', reason, description);
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 200));
}
