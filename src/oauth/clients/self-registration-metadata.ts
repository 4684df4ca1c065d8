/** The metadata that a client which registers itself may set. RFC 7591 §2, §5 */
import type { Settings } from '../../config/settings-schema.ts';
import { standardScopes } from '../../config/standard-scopes-and-claims.ts';
import type { IdentityContext } from '../../identity/context.ts';
import { OAuthError } from '../errors.ts';
import { parseScope } from '../parse-and-narrow-scope.ts';
import { hostOfRedirectUri, isOnDevice } from '../redirect-uri-kind.ts';
import { type GrantType, metadataSchema } from './metadata-shape.ts';
import { isOperatorsOwn } from './operator-only-members.ts';
import { openScopes } from './scopes-open-to-self-registration.ts';

/** RFC 7591 §2: where grant_types is left out; a refresh token too, since most apps that leave it out want one. */
const DEFAULT_GRANT_TYPES = ['authorization_code', 'refresh_token'];

/** RFC 7591 §2: members that are not known are ignored, here before anything goes through all of them. */
const KNOWN = [...Object.keys(metadataSchema.shape), 'software_statement'].filter(
  (name) => !isOperatorsOwn(name),
);

/** The metadata as it goes on to the rules for every client; `grantTypes` are those that it may have. Throws OAuthError. */
export function draftOf(
  { settings }: Pick<IdentityContext, 'settings'>,
  grantTypes: readonly GrantType[],
  body: unknown,
): Record<string, unknown> {
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
    application_type: typeOf(draft.redirect_uris) ?? draft.application_type,
    grant_types: supported(draft.grant_types ?? DEFAULT_GRANT_TYPES, grantTypes),
    scope: scopeOf(draft.scope, selfServiceScopes(settings)),
    client_name: draft.client_name ?? hostOf(draft.redirect_uris),
  };
}

/** RFC 7592 §2.2: null asks for a member to go, as leaving it out does; libraries write "" for what they do not know. */
function knownOf(body: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const names = KNOWN.filter((name) => Object.hasOwn(body, name) && body[name] !== null && body[name] !== '');
  return Object.fromEntries(names.map((name) => [name, body[name]]));
}

/**
 * RFC 8252 §7: answers that come to this machine, or to a scheme of its own, come to an app that runs on it, also where a
 * library calls every app `web` (pyoidc, oidc-agent). RFC 7591 §3.2.1: the answer says what it was registered as.
 */
function typeOf(redirectUris: unknown): 'native' | undefined {
  const uris = Array.isArray(redirectUris) ? redirectUris : [];
  return uris.some((uri) => typeof uri === 'string' && isOnDevice(uri)) ? 'native' : undefined;
}

/** RFC 7591 §3.2.1: what is not supported is left out of the answer; where nothing is left, the rules refuse it. */
function supported(asked: unknown, grantTypes: readonly GrantType[]): unknown {
  if (!Array.isArray(asked)) return asked;
  const known = grantTypes.map(({ grantType }) => grantType);
  // What is no text is for the rules to refuse.
  const left = asked.filter((one) => typeof one !== 'string' || known.includes(one));
  return left.length === 0 ? asked : left;
}

/** What an app that registered itself may ask for: the standard scopes, and those that the operator opened to it. */
function selfServiceScopes({ scopes }: Pick<Settings, 'scopes'>): readonly string[] {
  return [...new Set([...standardScopes, ...openScopes(scopes)])];
}

/**
 * RFC 7591 §2: all of them, or what is asked of them; the operator's other scopes are given by the operator. Where nothing
 * is left, it is as if it had named none: no scope at all is no scope (RFC 6749 §3.3), and tools write one by heart.
 */
function scopeOf(asked: unknown, standard: readonly string[]): unknown {
  const wanted = typeof asked === 'string' ? parseScope(asked) : undefined;
  // What is no scope at all is for the rules to refuse.
  if (asked !== undefined && !wanted) return asked;
  const left = wanted?.filter((scope) => standard.includes(scope)) ?? [];
  return (left.length > 0 ? left : standard).join(' ');
}

/** What a person can check where the app has no name. */
function hostOf(redirectUris: unknown): string {
  const [first] = Array.isArray(redirectUris) ? redirectUris : [];
  return typeof first === 'string' && URL.canParse(first) ? hostOfRedirectUri(first).slice(0, 120) : 'An app';
}
