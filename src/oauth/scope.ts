/** Scopes. RFC 6749 §3.3; OpenID Connect Core §5.4. */

/** What each scope of OpenID Connect allows, in a person's words. */
export const standardScopes: Readonly<Record<string, string>> = {
  openid: 'Know who you are on this server',
  profile: 'See your name and profile',
  email: 'See your e-mail address',
  address: 'See your postal address',
  phone: 'See your phone number',
  groups: 'See the groups you are in',
  roles: 'See the roles you have',
  offline_access: 'Keep access while you are not using the app',
};

const SCOPE_TOKEN = /^[\x21\x23-\x5B\x5D-\x7E]+$/;

/** The scope tokens, each once, in the order given; undefined where the text is not RFC 6749 §3.3. */
export function parseScope(text: string): readonly string[] | undefined {
  const tokens = text.split(' ').filter((token) => token !== '');
  return tokens.every((token) => SCOPE_TOKEN.test(token)) ? [...new Set(tokens)] : undefined;
}

/** Scopes about a person; a client cannot have them for itself. */
export function isUserScope(scope: string): boolean {
  return Object.hasOwn(standardScopes, scope);
}

/** The sentence that the consent page shows for a scope. */
export function describeScope(
  scope: string,
  ownScopes: Readonly<Record<string, { readonly sentence?: string | undefined }>>,
): string {
  const own = Object.hasOwn(ownScopes, scope) ? ownScopes[scope]?.sentence : undefined;
  return own ?? (isUserScope(scope) ? standardScopes[scope] : undefined) ?? scope;
}

/** Whether every scope of `wanted` is in `allowed`. */
export function isSubset(wanted: readonly string[], allowed: readonly string[]): boolean {
  return wanted.every((scope) => allowed.includes(scope));
}
