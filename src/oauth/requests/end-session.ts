/** OpenID Connect RP-Initiated Logout 1.0; Front-Channel Logout 1.0 §3 */
import type { RequestSource } from '../../audit/events.ts';
import { type AccountCookies, type Accounts, findAccounts, listAccounts } from '../../identity/accounts.ts';
import { endAllSessions, endSessionIn, isLiveIn, type Session } from '../../identity/sessions.ts';
import type { Client } from '../clients/client.ts';
import type { OAuthContext } from '../context.ts';
import { clientsOfSession, clientsOfUser } from '../notifications/logout-notices.ts';
import { type Pair, type Parameters, parseParameters } from '../parameters.ts';
import { sidFor } from '../subject.ts';
import { carryHint, type HintClaims, readCarriedHint } from '../tokens/carried-hint.ts';
import { type HintedSession, hintedSession, verifyIdTokenHint } from '../tokens/id-token.ts';
import { type LogoutTarget, logoutTarget } from './logout-target.ts';

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
  { readonly kind: 'ask'; readonly session: Session; readonly parameters: readonly Pair[] } | EndedSession;

export interface EndedSession extends LogoutTarget {
  readonly kind: 'ended';
  /** Who is still signed in in this browser; undefined where nobody was signed out. */
  readonly remaining: Accounts | undefined;
  /** What the page loads in frames, to tell the apps. */
  readonly frames: readonly string[];
}

/** Throws where a parameter is repeated. */
export async function endSession(
  context: OAuthContext,
  request: EndSessionRequest,
): Promise<EndSessionOutcome> {
  const parameters = parseParameters(request.pairs);
  const hint = await readHint(context, parameters);
  const accounts = await findAccounts(context, request);
  const session = sessionOf(accounts, hint);
  // O2: only the ID token of this very session speaks for the person; anybody may link here.
  if (session && !request.isConfirmed && hint?.sid !== session.sid)
    return { kind: 'ask', session, parameters: request.pairs };
  const client = hint ? hint.client : await namedClient(context, parameters);
  const isTrusted = mayGoOn(client, hint, session);
  const target = tell(context, request, logoutTarget(parameters, client, isTrusted));
  if (!session) return { kind: 'ended', remaining: undefined, ...target, frames: [] };
  const frames = await endAndTell(context, session, request.source);
  return { kind: 'ended', remaining: without(accounts, session), ...target, frames };
}

/** A developer who sees a plain "Signed out" looks for hours. */
function tell(context: OAuthContext, { source }: EndSessionRequest, target: LogoutTarget): LogoutTarget {
  if (!target.refused) return target;
  const { reason, client_id, ...details } = target.refused;
  context.log.info({ requestId: source.requestId, reason, client_id, ...details }, 'refused');
  context.audit.refused({ type: 'logout.refused', reason, client_id, details, source });
  return target;
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

/**
 * RFC 9700 §4.11.2: a client that registered itself must not make a link to this server a way to its page. Whoever says
 * yes on our own page goes back to an app of the operator's; a link that shows nothing to say yes to, and no ID token, takes
 * nobody anywhere.
 */
function mayGoOn(client: Client | undefined, hint: Hint | undefined, session: Session | undefined): boolean {
  const isOperators = client?.registrationTokenHash === undefined;
  return hint ? isOperators || hint.sid === session?.sid : isOperators && session !== undefined;
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
  const ended = await context.db.write(async (tx) =>
    (await isLiveIn(context, tx, session)) ? endAllSessions(context, tx, sub, '', source) : undefined,
  );
  if (ended === undefined) return undefined;
  await context.outbox.flush(sub, TELL_MS);
  return frames;
}

/** The names of the apps that are told when every session of the person ends. */
export async function toldApps(context: OAuthContext, { sub, sid }: Session): Promise<string[]> {
  const everywhere = await clientsOfUser(context.db, context.clock.nowMs(), { sub, exceptSid: '' });
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

/** §2: client_id alone says who asks, where there is no hint to disagree with. */
async function namedClient(context: OAuthContext, parameters: Parameters): Promise<Client | undefined> {
  const client_id = parameters.get('client_id');
  if (client_id === undefined || parameters.get('id_token_hint') !== undefined) return undefined;
  const client = await context.clients.find(client_id);
  return client?.disabled ? undefined : client;
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
