/** Scopes that a client may register for by itself. */

/** The operator's scopes that apps which registered themselves may ask for too. */
export function openScopes(
  ownScopes: Readonly<Record<string, { readonly self_registration: boolean }>>,
): readonly string[] {
  return Object.keys(ownScopes).filter((scope) => ownScopes[scope]?.self_registration);
}
