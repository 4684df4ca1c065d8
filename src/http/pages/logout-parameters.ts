/** The parameters of a logout request that its pages take and keep in their URLs. OpenID Connect RP-Initiated Logout 1.0 §2 */
import type { Pair } from '../../oauth/parameters.ts';

/** Parameters that decide where the user goes next, so they are kept when the language changes. */
export const QUERY = ['id_token_hint', 'client_id', 'post_logout_redirect_uri', 'state'];
export const PARAMETERS = [...QUERY, 'logout_hint', 'ui_locales'];

/** Without fields that are not logout parameters. */
export function logoutParameters(pairs: readonly Pair[]): readonly Pair[] {
  return pairs.filter(([name]) => PARAMETERS.includes(name));
}

/** The query of a URL; empty where there are no pairs. */
export function queryOf(pairs: readonly Pair[]): string {
  return pairs.length === 0
    ? ''
    : `?${new URLSearchParams(pairs.map(([name, value]): [string, string] => [name, value]))}`;
}
