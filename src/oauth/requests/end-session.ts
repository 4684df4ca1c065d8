/** OpenID Connect RP-Initiated Logout 1.0; Front-Channel Logout 1.0 §3 */
import type { RequestSource } from '../../audit/events.ts';
import { type AccountCookies, type Accounts, findAccounts, listAccounts } from '../../identity/accounts.ts';
import { endAllSessions, endSessionIn, isLiveIn, type Session } from '../../identity/sessions.ts';
import type { Client } from '../clients/client.ts';
import type { OAuthContext } from '../context.ts';
import { clientsOfSession, clientsOfUser } from '../notifications/participants.ts';
import { type Pair, type Parameters, parseParameters } from '../parameters.ts';
import { findAnswerMember } from '../reserved-members.ts';
import { sidFor } from '../subject.ts';
import { carryHint, type HintClaims, readCarriedHint } from '../tokens/carried-hint.ts';
import { type HintedSession, hintedSession, verifyIdTokenHint } from '../tokens/id-token.ts';

/**
 * The Foundation's plan, and people, expect the apps to know before the browser is sent on. An app that is well needs
 * some ten milliseconds; no longer than this for one that hangs for the first time.
 */
const TELL_MS = 250;

export interface EndSessionRequest extends AccountCookies {
  readonly pairs: readonly Pair[];
  /** The person pressed the button on our own page. */
  readonly isConfirmed: boolean;
  readonly source: RequestSource;
}

export type EndSessionOutcome =
  /** §2: ask first. `parameters` come again with the form. */
  | { readonly kind: 'ask'; readonly session: Session; readonly parameters: readonly Pair[] }
  | {
      readonly kind: 'ended';
      /** Who is still signed in in this browser; undefined where nobody was signed out. */
      readonly remaining: Accounts | undefined;
      /** Where the browser goes on to. */
      readonly redirect: string | undefined;
      /** Where it goes only if the person follows the link. */
      readonly offered: string | undefined;
      /** What the page loads in frames, to tell the apps. */
      readonly frames: readonly string[];
    };

/** Throws where a parameter is repeated. */
export async function endSession(
  context: OAuthContext,
  request: EndSessionRequest,
): Promise<EndSessionOutcome> {
  const parameters = parseParameters(request.pairs);
  const hint = await readHint(context, parameters);
  const accounts = await findAccounts(context, request);
  const session = sessionOf(accounts, hint);
  const target = targetOf(redirectOf(parameters, hint?.client), hint, session);
  if (!session) return { kind: 'ended', remaining: undefined, ...target, frames: [] };
  // O2: only the ID token of this very session speaks for the person; anybody may link here.
  if (!request.isConfirmed && hint?.sid !== session.sid)
    return { kind: 'ask', session, parameters: request.pairs };
  const frames = await endAndTell(context, session, request.source);
  return { kind: 'ended', remaining: without(accounts, session), ...target, frames };
}

/** The parameters of a POST, for the address that it comes again by. Throws where one is repeated. */
export async function shortenPairs(context: OAuthContext, pairs: readonly Pair[]): Promise<Pair[]> {
  const claims = await readClaims(context, parseParameters(pairs));
  const others = pairs.filter(([name]) => name !== 'id_token_hint');
  return claims ? [['id_token_hint', carryHint(context, claims)], ...others] : others;
}

function without({ active, others }: Accounts, { sid }: Session): Accounts {
  const isLeft = (one: { session: Session }) => one.session.sid !== sid;
  return { active: active && isLeft(active) ? active : undefined, others: others.filter(isLeft) };
}

/** RFC 9700 §4.11.2: a client that registered itself must not make a link to this server a way to its page. */
function targetOf(uri: string | undefined, hint: Hint | undefined, session: Session | undefined) {
  const isTrusted = hint?.client.registrationTokenHash === undefined || hint.sid === session?.sid;
  return isTrusted ? { redirect: uri, offered: undefined } : { redirect: undefined, offered: uri };
}

/**
 * Every session of the person, on every device; gives what the page loads in frames, of this browser's session.
 * undefined where this session is over.
 */
export async function endEverySession(
  context: OAuthContext,
  session: Session,
  source: RequestSource,
): Promise<readonly string[] | undefined> {
  const { sub } = session;
  const frames = await framesOf(context, session);
  const ended = await context.db.write(async (tx) => {
    await tx.insist?.();
    return (await isLiveIn(context, tx, session)) ? endAllSessions(context, tx, sub, '', source) : undefined;
  });
  if (ended === undefined) return undefined;
  await context.outbox.flush(sub, TELL_MS);
  return frames;
}

/** The names of the apps that are told when every session of the person ends. */
export async function toldApps(context: OAuthContext, { sub, sid }: Session): Promise<string[]> {
  const everywhere = await clientsOfUser(context.db, sub);
  const here = await clientsOfSession(context.db, sid);
  const told = [
    ...everywhere.filter(({ metadata }) => metadata.backchannel_logout_uri !== undefined),
    ...here.filter(({ metadata }) => metadata.frontchannel_logout_uri !== undefined),
  ];
  return [...new Set(told.map(({ metadata }) => metadata.client_name))].sort();
}

type Hint = HintedSession & { readonly client: Client };

/** §2, §4: an ID token of ours, expired or not, and of the client that client_id names, if it names one. */
async function readHint(context: OAuthContext, parameters: Parameters): Promise<Hint | undefined> {
  const claims = await readClaims(context, parameters);
  const hint = claims && (await hintedSession(context, claims));
  const client = hint && (await context.clients.find(hint.client_id));
  const named = parameters.get('client_id');
  const agrees = named === undefined || named === client?.client_id;
  return hint && client && !client.disabled && agrees ? { ...hint, client } : undefined;
}

async function readClaims(context: OAuthContext, parameters: Parameters): Promise<HintClaims | undefined> {
  const hint = parameters.get('id_token_hint');
  return hint === undefined
    ? undefined
    : (readCarriedHint(context, hint) ?? (await verifyIdTokenHint(context, hint)));
}

/** The one that the hint names, if it is signed in in this browser; otherwise the active one, or the last used. */
function sessionOf(accounts: Accounts, hint: Hint | undefined): Session | undefined {
  const all = listAccounts(accounts);
  return (all.find(({ session }) => session.sid === hint?.sid) ?? all[0])?.session;
}

/** O3: byte for byte a registered one, of the client that the hint proves. §3 */
function redirectOf(parameters: Parameters, client: Client | undefined): string | undefined {
  const uri = parameters.get('post_logout_redirect_uri');
  if (uri === undefined || !client?.metadata.post_logout_redirect_uris?.includes(uri)) return undefined;
  if (findAnswerMember(uri) !== undefined) return undefined;
  const state = parameters.get('state');
  if (state === undefined) return uri;
  return `${uri}${uri.includes('?') ? '&' : '?'}${new URLSearchParams({ state })}`;
}

async function endAndTell(
  context: OAuthContext,
  session: Session,
  source: RequestSource,
): Promise<readonly string[]> {
  const { sid, sub } = session;
  const frames = await framesOf(context, session);
  await context.db.write((tx) => endSessionIn(context, tx, { sid, sub, source }));
  await context.outbox.flush(sub, TELL_MS);
  return frames;
}

/** Front-Channel Logout §2, §3: what is in this browser, so of the session that it has. */
async function framesOf(context: OAuthContext, { sid }: Session): Promise<string[]> {
  const frames: string[] = [];
  for (const client of await clientsOfSession(context.db, sid)) {
    const { frontchannel_logout_uri } = client.metadata;
    if (frontchannel_logout_uri === undefined) continue;
    const url = new URL(frontchannel_logout_uri);
    url.searchParams.set('iss', context.settings.issuer);
    url.searchParams.set('sid', sidFor(context, client, sid));
    frames.push(url.href);
  }
  return frames;
}
