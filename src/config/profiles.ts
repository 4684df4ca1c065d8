/** What each client profile demands. A rule that differs between profiles is a column here. */

export const profileNames = ['oauth2.1', 'oidc', 'fapi2'] as const;
export type ProfileName = (typeof profileNames)[number];

export interface Profile {
  readonly name: ProfileName;
  /** DESIGN §3: a confidential client of profile `oidc` may omit PKCE (OIDC Basic, Gitea, Argo CD). */
  readonly pkce: 'always' | 'public clients';
  readonly defaultIdTokenAlg: 'ES256' | 'RS256';
  /** Methods that a client of this profile may register; undefined: every method there is. */
  readonly authMethods: readonly string[] | undefined;
}

export const profiles: Readonly<Record<ProfileName, Profile>> = {
  'oauth2.1': { name: 'oauth2.1', pkce: 'always', defaultIdTokenAlg: 'ES256', authMethods: undefined },
  oidc: { name: 'oidc', pkce: 'public clients', defaultIdTokenAlg: 'RS256', authMethods: undefined },
  // FAPI 2.0 §5.3.2.1: asymmetric client authentication alone.
  fapi2: {
    name: 'fapi2',
    pkce: 'always',
    defaultIdTokenAlg: 'ES256',
    authMethods: ['private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth'],
  },
};
