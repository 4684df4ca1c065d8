/** Names of claims that no operator may give to another value. */

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
