/** The claims that the standards define, and the reserved ones, which no setting may define. */

/** OpenID Connect Core §5.4. The scopes groups and roles are Gatehouse's own; RFC 9068 §2.2.3.1 names these claims. */
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
 * The members that the protocol itself sets in tokens and answers: RFC 7519 §4.1, OpenID Connect Core §2, RFC 9068 §2.2,
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

/** Whether the protocol itself sets the claim; no user, operator or request may set it. */
export function isReservedClaim(name: string): boolean {
  return reserved.has(name);
}
