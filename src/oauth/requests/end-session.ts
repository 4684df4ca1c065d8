/** OpenID Connect RP-Initiated Logout 1.0 */
import type { RequestSource } from '../../audit/request-source.ts';
import type { SessionEndContext } from '../../identity/context.ts';
import { endSessionIn } from '../../identity/sessions/end-sessions.ts';
import type { Session } from '../../identity/sessions/session-type.ts';
import {
  type BrowserSessions,
  findBrowserSessions,
  listBrowserSessions,
  type SessionCookies,
} from '../../identity/sessions/several-sessions-in-browser.ts';
import type { OAuthContext } from '../context.ts';
import type { EndingContext } from '../notifications/context.ts';
import { framesOf } from '../notifications/front-channel-logout.ts';
import { waitForLogoutNotices } from '../notifications/wait-for-logout-notices.ts';
import { type Pair, type Parameters, parseParameters } from '../parameters.ts';
import type { HintContext } from '../tokens/context.ts';
import type { HintedSession } from '../tokens/id-token-hint.ts';
import { carryHint } from '../tokens/shortened-id-token-hint.ts';
import { type Asker, findAsker, readHint, type TargetFault } from './client-of-logout-request.ts';
import { comparedOf, findLogoutTarget, type LogoutTarget } from './logout-target.ts';

/** Replaces a hint that cannot be read, so that the request is not taken for one without a hint. */
const UNREADABLE_HINT = 'unreadable';

export interface EndSessionRequest extends SessionCookies {
  readonly pairs: readonly Pair[];
  /** The user pressed the button on this server's page. */
  readonly isConfirmed: boolean;
  readonly source: RequestSource;
}

export type EndSessionOutcome =
  /** §2: ask first. The form sends `parameters` again. */
  | { readonly kind: 'ask'; readonly session: Session; readonly parameters: readonly Pair[] }
  | {
      readonly kind: 'ended';
      readonly target: LogoutTarget;
      /** What the page loads in frames, to notify the apps. */
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
  // O2: only the ID token of this very session stands for the user's consent; any site may link here.
  if (session && !request.isConfirmed && asker.hint?.sid !== session.sid)
    return { kind: 'ask', session, parameters: request.pairs };
  const target = findLogoutTarget(asker, parameters, session);
  if (target.fault) recordFault(context, request, target.fault, { asker, parameters });
  const frames = session ? await endAndNotify(context, session, request.source) : [];
  return { kind: 'ended', target, frames };
}

/** In the log and in the audit, with what was expected: a developer once searched for hours. */
function recordFault(
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

/** The parameters of a POST, short enough for the URL that shows its page again. Throws where one is repeated. */
export async function shortenPairs(context: HintContext, pairs: readonly Pair[]): Promise<Pair[]> {
  const hint = parseParameters(pairs).get('id_token_hint');
  if (hint === undefined) return [...pairs];
  const claims = await readHint(context, hint);
  const others = pairs.filter(([name]) => name !== 'id_token_hint');
  return [['id_token_hint', claims ? carryHint(context, claims) : UNREADABLE_HINT], ...others];
}

/** The one that the hint names, if it is signed in in this browser; otherwise the active one, or the last used. */
function sessionOf(sessions: BrowserSessions, hint: HintedSession | undefined): Session | undefined {
  const all = listBrowserSessions(sessions);
  return (all.find(({ session }) => session.sid === hint?.sid) ?? all[0])?.session;
}

async function endAndNotify(
  context: EndingContext,
  session: Session,
  source: RequestSource,
): Promise<readonly string[]> {
  const frames = await framesOf(context, session);
  await context.db.write((tx) => endSessionIn(context, tx, session, { source }));
  await waitForLogoutNotices(context, session.sub);
  return frames;
}
