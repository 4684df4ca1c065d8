/** The claims that the standards define, by scope. */

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

/** Scopes about a person; what each allows is said in views/locales. */
export const standardScopes = [
  'openid',
  'profile',
  'email',
  'address',
  'phone',
  'groups',
  'roles',
  'offline_access',
] as const;
