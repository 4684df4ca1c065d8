/** What each client profile demands. A rule that differs between profiles is a column here. */

export const profileNames = ['oauth2.1', 'oidc', 'fapi2'] as const;
export type ProfileName = (typeof profileNames)[number];

export interface Profile {
  readonly name: ProfileName;
  /** Whether all that its name promises is there; what is not is refused (setting unfinished_profiles). */
  readonly isWhole: boolean;
  /** Whether a confidential client may omit PKCE where it asks for openid: RFC 9700 §2.1.1 has the nonce for those. */
  readonly pkce: 'always' | 'public clients';
  /** RFC 6749 §3.3: what a client may not have is left out of what it asks, or refused with all of it. */
  readonly scope: 'narrowed' | 'exact';
  /** RFC 7523 §3: the issuer as one text (FAPI 2.0 §5.3.2.1), or what else names this server too. */
  readonly assertionAudience: 'issuer' | 'any name';
  /** Whether a refresh without offline_access counts as the person's own activity in the session. */
  readonly refreshIsActivity: boolean;
  /** Whether a refresh token of a confidential client is spent by its use; that of a public one always is. */
  readonly refreshTokenRotation: boolean;
  /** Whether the operator may give a confidential client http redirects, as RFC 9700 §2.6 and FAPI 2.0 §5.3.2.2 do not. */
  readonly httpRedirects: boolean;
  readonly defaultIdTokenAlg: 'ES256' | 'RS256';
  /** Methods that a client of this profile may register; undefined: every method there is. */
  readonly authMethods: readonly string[] | undefined;
}

/** OpenID Connect's own defaults, as the world's libraries expect them. */
export const DEFAULT_PROFILE: ProfileName = 'oidc';

const GENEROUS = {
  isWhole: true,
  scope: 'narrowed',
  assertionAudience: 'any name',
  refreshIsActivity: true,
  refreshTokenRotation: true,
  httpRedirects: true,
  authMethods: undefined,
} as const;

export const profiles: Readonly<Record<ProfileName, Profile>> = {
  'oauth2.1': { name: 'oauth2.1', pkce: 'always', defaultIdTokenAlg: 'ES256', ...GENEROUS },
  oidc: { name: 'oidc', pkce: 'public clients', defaultIdTokenAlg: 'RS256', ...GENEROUS },
  // FAPI 2.0 §5.3.2.1: asymmetric client authentication alone.
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
