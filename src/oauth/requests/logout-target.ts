/** Where a browser goes after signing out. OpenID Connect RP-Initiated Logout 1.0 §2, §3, §4 */

import type { Session } from '../../identity/sessions/session.ts';
import { type Checked, PASSED } from '../../lib/outcome.ts';
import type { Reason } from '../../lib/refusal-reason.ts';
import { shownText, shownUris } from '../../lib/shorten-and-escape-text.ts';
import type { Client } from '../clients/client.ts';
import { isSelfRegistered } from '../clients/self-registered.ts';
import { hostOfRedirectUri, isBarred } from '../match-redirect-uri.ts';
import type { Parameters } from '../parameters.ts';
import { findAnswerMember } from '../reserved-query-members.ts';
import type { HintContext } from '../tokens/context.ts';
import type { HintClaims } from '../tokens/id-token-hint.ts';
import { type HintedSession, hintedSession, verifyIdTokenHint } from '../tokens/id-token-hint.ts';
import { readCarriedHint } from '../tokens/shortened-id-token-hint.ts';

/** Why the browser is not sent where the app asked for. */
export interface TargetFault {
  readonly reason: Reason;
  /** For the developer of the app. */
  readonly description: string;
}

/** Which app asks, and whether an ID token of ours says so or it only names itself. */
export interface Asker {
  readonly client: Client | undefined;
  readonly hint: HintedSession | undefined;
  readonly fault: TargetFault | undefined;
}

export interface LogoutTarget {
  /** Where the browser is redirected. */
  readonly redirect?: string;
  /** The page shows it as a link, with its host; the user decides whether to follow it. */
  readonly offered?: { readonly uri: string; readonly host: string };
  readonly fault?: TargetFault | undefined;
}

/** §2, §4: an ID token of ours, expired or not, and of the client that client_id names, if it names one. */
export async function findAsker(context: HintContext, parameters: Parameters): Promise<Asker> {
  const named = parameters.get('client_id');
  const claims = await readHint(context, parameters.get('id_token_hint'));
  const hint = claims && (await hintedSession(context, claims));
  if (hint && named !== undefined && named !== hint.client_id) return noAsker(otherClient);
  const client_id = hint?.client_id ?? named;
  const fault = parameters.get('id_token_hint') !== undefined && !hint ? foreignHint : undefined;
  if (client_id === undefined) return noAsker(fault ?? noClient);
  const client = await context.clients.find(client_id);
  if (!client) return noAsker(unknownClient);
  return client.disabled ? noAsker(clientDisabled) : { client, hint, fault };
}

/**
 * Reads an id_token_hint, expired or not, or what our own page carries in its place ({@link readCarriedHint}).
 * undefined where there is none or it is not ours. §2
 */
export async function readHint(
  context: HintContext,
  hint: string | undefined,
): Promise<HintClaims | undefined> {
  if (hint === undefined) return undefined;
  return readCarriedHint(context, hint) ?? (await verifyIdTokenHint(context, hint));
}

function noAsker(fault: TargetFault): Asker {
  return { client: undefined, hint: undefined, fault };
}

const noClient: TargetFault = {
  reason: 'no_client',
  description: 'post_logout_redirect_uri needs an id_token_hint or a client_id, which say whose it is',
};
const foreignHint: TargetFault = {
  reason: 'foreign_id_token_hint',
  description: 'id_token_hint is not an ID token of this issuer',
};
const otherClient: TargetFault = {
  reason: 'hint_of_other_client',
  description: 'id_token_hint is an ID token of another client than client_id names',
};
const unknownClient: TargetFault = {
  reason: 'unknown_client',
  description: 'client_id names no client that is registered here',
};
const clientDisabled: TargetFault = { reason: 'client_disabled', description: 'this client is switched off' };

/** Nothing where the app did not ask for it. */
export function findLogoutTarget(
  asker: Asker,
  parameters: Parameters,
  session: Session | undefined,
): LogoutTarget {
  const uri = parameters.get('post_logout_redirect_uri');
  if (uri === undefined) return {};
  if (!asker.client) return { fault: asker.fault };
  const fault = checkLogoutUri(asker.client, uri);
  if (fault !== PASSED) return { fault };
  const address = withState(uri, parameters.get('state'));
  if (isTrusted(asker, session)) return { redirect: address };
  return { offered: { uri: address, host: hostOfRedirectUri(uri) }, fault: asker.fault };
}

/** O3: byte for byte a registered one. §3 */
function checkLogoutUri({ metadata }: Client, uri: string): Checked<TargetFault> {
  const description = `post_logout_redirect_uri ${shownText(uri)}`;
  if (!metadata.post_logout_redirect_uris?.includes(uri)) {
    const expected = 'is not byte for byte one that is registered for this client';
    return { reason: 'unregistered_logout_uri', description: `${description} ${expected}` };
  }
  if (!isBarred(uri)) return PASSED;
  const member = findAnswerMember(uri);
  const found = member === undefined ? 'a scheme that is denied' : `the query member ${member}`;
  const expected = `has ${found}; register one without it`;
  return { reason: 'refused_logout_uri', description: `${description} ${expected}` };
}

function withState(uri: string, state: string | undefined): string {
  return state === undefined
    ? uri
    : `${uri}${uri.includes('?') ? '&' : '?'}${new URLSearchParams({ state })}`;
}

/**
 * RFC 9700 §4.11.2: a link to this server must not lead to the page of a client that registered itself, except for a user
 * who signs out with its ID token. Without an ID token the author of the link is unknown, so a user must have been signed
 * in here, who confirmed the sign-out.
 */
function isTrusted({ client, hint, fault }: Asker, session: Session | undefined): boolean {
  const isOperators = client !== undefined && !isSelfRegistered(client);
  if (hint) return isOperators || hint.sid === session?.sid;
  return fault === undefined && isOperators && session !== undefined;
}

/** For the operator: what was compared. */
export function comparedOf({ client }: Asker, parameters: Parameters): Record<string, string> {
  return {
    post_logout_redirect_uri: shownText(parameters.get('post_logout_redirect_uri') ?? ''),
    ...(client && { registered: shownUris(client.metadata.post_logout_redirect_uris ?? []) }),
  };
}
