/** What a client may say of itself where nobody vouches for it. RFC 7591 §2, §5 */
import type { OAuthContext } from '../context.ts';
import { OAuthError } from '../errors.ts';
import { hostOfRedirectUri } from '../redirect-uri.ts';
import { parseScope, standardScopes } from '../scope.ts';
import { withoutNull } from './metadata.ts';

/** It acts for people who allow it, never for itself. */
export const selfServiceGrants: readonly string[] = ['authorization_code', 'refresh_token'];

/** What the operator alone may say. */
const OPERATORS_OWN = ['first_party', 'resources', 'profile', 'client_secret'];

/** The metadata as it goes on to the rules for every client. Throws OAuthError. */
export function draftOf(_context: OAuthContext, body: unknown): Record<string, unknown> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new OAuthError('invalid_client_metadata', 'malformed_metadata', 'the body must be a JSON object');
  }
  const draft = { ...(withoutNull(body) as Record<string, unknown>) };
  if (draft.software_statement !== undefined) {
    throw new OAuthError(
      'invalid_software_statement',
      'software_statement_not_supported',
      'software statements are not supported; leave software_statement out',
    );
  }
  for (const name of OPERATORS_OWN) delete draft[name];
  return {
    ...draft,
    scope: scopeOf(draft.scope),
    client_name: draft.client_name ?? hostOf(draft.redirect_uris),
  };
}

/** RFC 7591 §2: all that is standard, or what is asked of that; the operator's own scopes are given by the operator. */
function scopeOf(asked: unknown): unknown {
  const standard: readonly string[] = standardScopes;
  const wanted = typeof asked === 'string' ? parseScope(asked) : undefined;
  // What is no scope at all is for the rules to refuse.
  if (asked !== undefined && !wanted) return asked;
  return (wanted ?? standard).filter((scope) => standard.includes(scope)).join(' ');
}

/** What a person can check where the app has no name. */
function hostOf(redirectUris: unknown): string {
  const [first] = Array.isArray(redirectUris) ? redirectUris : [];
  return typeof first === 'string' && URL.canParse(first) ? hostOfRedirectUri(first).slice(0, 120) : 'An app';
}
