/** The claims that there are by the standards, and those that nobody may write. */

/** OpenID Connect Core §5.4; groups and roles are ours (RFC 9068 §2.2.3.1 names them). */
export const standardScopeClaims = {
  profile: [
    'name',
    'given_name',
    'family_name',
    'middle_name',
    'nickname',
    'preferred_username',
    'profile',
    'picture',
    'website',
    'gender',
    'birthdate',
    'zoneinfo',
    'locale',
    'updated_at',
  ],
  email: ['email', 'email_verified'],
  address: ['address'],
  phone: ['phone_number', 'phone_number_verified'],
  groups: ['groups'],
  roles: ['roles'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** Scopes that the protocol gives a meaning without claims. */
export const protocolScopes: readonly string[] = ['openid', 'offline_access'];

export const standardClaims: readonly string[] = Object.values(standardScopeClaims).flat();

/**
 * What the protocol says in its tokens and answers: RFC 7519 §4.1, OpenID Connect Core §2, RFC 9068 §2.2,
 * RFC 7662 §2.2, RFC 7800 §3.1, RFC 8693 §4, RFC 9396 §9, OpenID Connect Back-Channel Logout §2.4.
 */
const reserved: ReadonlySet<string> = new Set([
  'iss',
  'sub',
  'aud',
  'exp',
  'nbf',
  'iat',
  'jti',
  'nonce',
  'at_hash',
  'c_hash',
  's_hash',
  'auth_time',
  'acr',
  'amr',
  'azp',
  'sid',
  'client_id',
  'scope',
  'cnf',
  'act',
  'may_act',
  'authorization_details',
  'events',
  'toe',
  'txn',
  'sub_id',
  'sub_jwk',
  'active',
  'token_type',
  'token_introspection',
  '_claim_names',
  '_claim_sources',
  '__proto__',
]);

/** Whether the claim is the protocol's own; no person, operator or request sets it. */
export function isReservedClaim(name: string): boolean {
  return reserved.has(name);
}
