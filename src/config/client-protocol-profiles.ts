/** The requirements of each client profile. A rule that differs between profiles is a column here. */

export const profileNames = ['oauth2.1', 'oidc', 'fapi2'] as const;
export type ProfileName = (typeof profileNames)[number];

export interface Profile {
  readonly name: ProfileName;
  /** Whether the profile is fully implemented; one that is not is refused (setting unfinished_profiles). */
  readonly isWhole: boolean;
  /**
   * `public clients`: a confidential client may omit PKCE if it asks for openid; RFC 9700 §2.1.1 accepts the nonce
   * instead.
   */
  readonly pkce: 'always' | 'public clients';
  /** RFC 6749 §3.3: scopes that the client may not have are left out, or the whole request is refused. */
  readonly scope: 'narrowed' | 'exact';
  /** RFC 7523 §3: only the issuer, as a single string (FAPI 2.0 §5.3.2.1), or any identifier of this server. */
  readonly assertionAudience: 'issuer' | 'any name';
  /** Whether a refresh without offline_access counts as activity of the user in the session. */
  readonly refreshIsActivity: boolean;
  /** Whether a refresh token of a confidential client is spent by its use; that of a public client always is. */
  readonly refreshTokenRotation: boolean;
  /**
   * Whether the operator may allow http redirect URIs for a confidential client, against RFC 9700 §2.6 and FAPI 2.0
   * §5.3.2.2.
   */
  readonly httpRedirects: boolean;
  readonly defaultIdTokenAlg: 'ES256' | 'RS256';
  /** The methods that a client of this profile may register; undefined: all methods. */
  readonly authMethods: readonly string[] | undefined;
}

/** The defaults of OpenID Connect, which client libraries expect. */
export const DEFAULT_PROFILE: ProfileName = 'oidc';

const UNRESTRICTED = {
  isWhole: true,
  scope: 'narrowed',
  assertionAudience: 'any name',
  refreshIsActivity: true,
  refreshTokenRotation: true,
  httpRedirects: true,
  authMethods: undefined,
} as const;

export const profiles: Readonly<Record<ProfileName, Profile>> = {
  'oauth2.1': { name: 'oauth2.1', pkce: 'always', defaultIdTokenAlg: 'ES256', ...UNRESTRICTED },
  oidc: { name: 'oidc', pkce: 'public clients', defaultIdTokenAlg: 'RS256', ...UNRESTRICTED },
  // FAPI 2.0 §5.3.2.1: only asymmetric client authentication.
  fapi2: {
    name: 'fapi2',
    isWhole: false,
    pkce: 'always',
    scope: 'exact',
    assertionAudience: 'issuer',
    refreshIsActivity: false,
    // FAPI 2.0 §5.3.2.1: "shall not use refresh token rotation except in extraordinary circumstances".
    refreshTokenRotation: false,
    httpRedirects: false,
    defaultIdTokenAlg: 'ES256',
    authMethods: ['private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth'],
  },
};
