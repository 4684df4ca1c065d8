/** Scopes are parsed, narrowed and compared. RFC 6749 §3.3, OpenID Connect Core §5.4 */
import { type ProfileName, profiles } from '../config/client-protocol-profiles.ts';
import { standardScopes } from '../config/standard-scopes-and-claims.ts';

const SCOPE_TOKEN = /^[\x21\x23-\x5B\x5D-\x7E]+$/;

/** The scope tokens, each once, in the order given; undefined where the text is not RFC 6749 §3.3. */
export function parseScope(text: string): readonly string[] | undefined {
  const tokens = text.split(' ').filter((token) => token !== '');
  return tokens.every((token) => SCOPE_TOKEN.test(token)) ? [...new Set(tokens)] : undefined;
}

/** Scopes about a person; a client cannot have them for itself. */
export function isUserScope(scope: string): boolean {
  return (standardScopes as readonly string[]).includes(scope);
}

/**
 * RFC 6749 §3.3: what is asked without what may not be had, which the answer then says; undefined where nothing remains,
 * where the text is malformed, or where the profile takes all or nothing.
 */
export function narrowScope(
  profile: ProfileName,
  asked: string,
  allowed: readonly string[],
): readonly string[] | undefined {
  const wanted = parseScope(asked);
  const scope = wanted?.filter((one) => allowed.includes(one)) ?? [];
  if (scope.length === 0) return undefined;
  return profiles[profile].scope === 'narrowed' || scope.length === wanted?.length ? scope : undefined;
}

/** Whether all that is asked is about a person; never where the profile takes all or nothing. */
export function isOfPersonAlone(profile: ProfileName, asked: string): boolean {
  const wanted = parseScope(asked) ?? [];
  return profiles[profile].scope === 'narrowed' && wanted.length > 0 && wanted.every(isUserScope);
}

/** Whether every scope of `wanted` is in `allowed`. */
export function isSubset(wanted: readonly string[], allowed: readonly string[]): boolean {
  return wanted.every((scope) => allowed.includes(scope));
}
