/** OpenID Connect RP-Initiated Logout 1.0; Front-Channel Logout 1.0 §3 */
import type { RequestSource } from '../../audit/events.ts';
import type { SessionEndContext } from '../../identity/context.ts';
import {
  type BrowserSessions,
  findBrowserSessions,
  listBrowserSessions,
  type SessionCookies,
} from '../../identity/sessions/browser-sessions.ts';
import {
  endOwnSession,
  endSessionIn,
  endSessionsOfUser,
  isLiveIn,
  type Session,
} from '../../identity/sessions/sessions.ts';
import type { OAuthContext } from '../context.ts';
import { clientsOfSession, clientsOfUser } from '../notifications/logout-participants.ts';
import { sidFor } from '../pairwise-subject.ts';
import { type Pair, type Parameters, parseParameters } from '../parameters.ts';
import type { HintContext } from '../tokens/context.ts';
import type { HintedSession } from '../tokens/id-token.ts';
import { carryHint } from '../tokens/shortened-id-token-hint.ts';
import {
  type Asker,
  comparedOf,
  findAsker,
  findLogoutTarget,
  type LogoutTarget,
  readHint,
  type TargetFault,
} from './logout-target.ts';

/**
 * The Foundation's plan, and people, expect the apps to know before the browser is sent on. An app that is well needs
 * some ten milliseconds; no longer than this for one that hangs for the first time.
 */
const TELL_MS = 250;

/** In the place of a hint that says nothing to us, so that it is not taken for none. */
const UNREADABLE_HINT = 'unreadable';

export interface EndSessionRequest extends SessionCookies {
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
      readonly target: LogoutTarget;
      /** What the page loads in frames, to tell the apps. */
      readonly frames: readonly string[];
    };

/** Throws where a parameter is repeated. */
export async function endSession(
  context: HintContext & SessionEndContext & Pick<OAuthContext, 'db' | 'log' | 'outbox'>,
  request: EndSessionRequest,
): Promise<EndSessionOutcome> {
  const parameters = parseParameters(request.pairs);
  const asker = await findAsker(context, parameters);
  const sessions = await findBrowserSessions(context, request);
  const session = sessionOf(sessions, asker.hint);
  // O2: only the ID token of this very session speaks for the person; anybody may link here.
  if (session && !request.isConfirmed && asker.hint?.sid !== session.sid)
    return { kind: 'ask', session, parameters: request.pairs };
  const target = findLogoutTarget(asker, parameters, session);
  if (target.fault) tellFault(context, request, target.fault, { asker, parameters });
  const frames = session ? await endAndTell(context, session, request.source) : [];
  return { kind: 'ended', target, frames };
}

/** A developer looked for hours: in the log and the audit too, with what was expected. */
function tellFault(
  { audit, log }: Pick<OAuthContext, 'audit' | 'log'>,
  { source }: EndSessionRequest,
  { reason }: TargetFault,
  { asker, parameters }: { readonly asker: Asker; readonly parameters: Parameters },
): void {
  const client_id = asker.client?.client_id;
  const details = comparedOf(asker, parameters);
  log.info({ requestId: source.requestId, reason, client_id, ...details }, 'refused');
  audit.refused({ type: 'logout.refused', reason, client_id, source, details });
}

/** The parameters of a POST, for the address that it comes again by. Throws where one is repeated. */
export async function shortenPairs(context: HintContext, pairs: readonly Pair[]): Promise<Pair[]> {
  const hint = parseParameters(pairs).get('id_token_hint');
  if (hint === undefined) return [...pairs];
  const claims = await readHint(context, hint);
  const others = pairs.filter(([name]) => name !== 'id_token_hint');
  return [['id_token_hint', claims ? carryHint(context, claims) : UNREADABLE_HINT], ...others];
}

/** To end a session and tell the apps that it was used at. */
type EndingContext = SessionEndContext & Pick<OAuthContext, 'db' | 'outbox' | 'settings' | 'subjects'>;

/** This session, in its own name; gives what the page loads in frames, undefined where it is over. */
export async function endThisSession(
  context: EndingContext,
  session: Session,
  source: RequestSource,
): Promise<readonly string[] | undefined> {
  const frames = await framesOf(context, session);
  if (!(await endOwnSession(context, session, session.sid, source))) return undefined;
  await context.outbox.flush(session.sub, TELL_MS);
  return frames;
}

/**
 * Every session of the person, on every device; gives what the page loads in frames, of this browser's session.
 * undefined where this session is over.
 */
export async function endEverySession(
  context: EndingContext,
  session: Session,
  source: RequestSource,
): Promise<readonly string[] | undefined> {
  const { sub } = session;
  const frames = await framesOf(context, session);
  const ended = await context.db.write(async (tx) => {
    await tx.lockTableOnRetry?.();
    return (await isLiveIn(context, tx, session))
      ? endSessionsOfUser(context, tx, sub, '', source)
      : undefined;
  });
  if (ended === undefined) return undefined;
  await context.outbox.flush(sub, TELL_MS);
  return frames;
}

/** The names of the apps that are told when every session of the person ends. */
export async function toldApps(context: Pick<OAuthContext, 'db'>, { sub, sid }: Session): Promise<string[]> {
  const everywhere = await clientsOfUser(context.db, sub);
  const here = await clientsOfSession(context.db, sid);
  const told = [
    ...everywhere.filter(({ metadata }) => metadata.backchannel_logout_uri !== undefined),
    ...here.filter(({ metadata }) => metadata.frontchannel_logout_uri !== undefined),
  ];
  return [...new Set(told.map(({ metadata }) => metadata.client_name))].sort();
}

/** The one that the hint names, if it is signed in in this browser; otherwise the active one, or the last used. */
function sessionOf(sessions: BrowserSessions, hint: HintedSession | undefined): Session | undefined {
  const all = listBrowserSessions(sessions);
  return (all.find(({ session }) => session.sid === hint?.sid) ?? all[0])?.session;
}

async function endAndTell(
  context: EndingContext,
  session: Session,
  source: RequestSource,
): Promise<readonly string[]> {
  const { sid, sub } = session;
  const frames = await framesOf(context, session);
  await context.db.write((tx) => endSessionIn(context, tx, { sid, sub, source }));
  await context.outbox.flush(sub, TELL_MS);
  return frames;
}

/** A browser loads no more at a time; who must be told whatever comes has a backchannel_logout_uri. */
const MOST_FRAMES = 50;

/** Front-Channel Logout §2, §3: what is in this browser, so of the session that it has. */
async function framesOf(
  context: Pick<OAuthContext, 'db' | 'settings' | 'subjects'>,
  { sid }: Session,
): Promise<string[]> {
  const frames: string[] = [];
  for (const client of await clientsOfSession(context.db, sid)) {
    const { frontchannel_logout_uri } = client.metadata;
    if (frontchannel_logout_uri === undefined) continue;
    const url = new URL(frontchannel_logout_uri);
    url.searchParams.set('iss', context.settings.issuer);
    url.searchParams.set('sid', sidFor(context, client, sid));
    frames.push(url.href);
    if (frames.length === MOST_FRAMES) break;
  }
  return frames;
}
