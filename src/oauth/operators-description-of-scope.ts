/** A scope in words for people. */
import { isUserScope } from './parse-and-narrow-scope.ts';

/** The operator's sentence for a scope; undefined where the pages have their own for it. */
export function describeScope(
  scope: string,
  ownScopes: Readonly<Record<string, { readonly sentence?: string | undefined }>>,
): string | undefined {
  const own = Object.hasOwn(ownScopes, scope) ? ownScopes[scope]?.sentence : undefined;
  return own ?? (isUserScope(scope) ? undefined : scope);
}
