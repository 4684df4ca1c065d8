/** What a client may say of itself where nobody vouches for it. RFC 7591 §2, §5 */
import type { OAuthContext } from '../context.ts';
import { OAuthError } from '../errors.ts';
import { hostOfRedirectUri } from '../redirect-uri.ts';
import { parseScope, standardScopes } from '../scope.ts';
import { metadataSchema } from './metadata-shape.ts';

/** It acts for people who allow it, never for itself. */
export const selfServiceGrants: readonly string[] = ['authorization_code', 'refresh_token'];

/** What the operator alone may say. */
const OPERATORS_OWN = [
  'first_party',
  'resources',
  'require_pkce',
  'strict_auth_method',
  'refresh_is_activity',
  'id_token_claims',
];
/** RFC 7591 §2: members that are not known are ignored, here before anything goes through all of them. */
const KNOWN = [...Object.keys(metadataSchema.shape), 'software_statement'].filter(
  (name) => !OPERATORS_OWN.includes(name),
);

/** The metadata as it goes on to the rules for every client. Throws OAuthError. */
export function draftOf(_context: OAuthContext, body: unknown): Record<string, unknown> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new OAuthError('invalid_client_metadata', 'malformed_metadata', 'the body must be a JSON object');
  }
  const draft = knownOf(body as Record<string, unknown>);
  if (draft.software_statement !== undefined) {
    throw new OAuthError(
      'invalid_software_statement',
      'software_statement_not_supported',
      'software statements are not supported; leave software_statement out',
    );
  }
  return {
    ...draft,
    scope: scopeOf(draft.scope),
    client_name: draft.client_name ?? hostOf(draft.redirect_uris),
  };
}

/** RFC 7592 §2.2: null asks for a member to go, as leaving it out does. */
function knownOf(body: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const names = KNOWN.filter((name) => Object.hasOwn(body, name) && body[name] !== null);
  return Object.fromEntries(names.map((name) => [name, body[name]]));
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
