/** The sessions of several people in one browser: one is active, the ids of the others are in a second cookie. */
import type { RequestSource } from '../../audit/request-source.ts';
import type { Tx } from '../../storage/database.ts';
import type { IdentityContext, SessionEndContext } from '../context.ts';
import { endSessionIn } from './end-sessions.ts';
import { findSession, findSessionUnseen } from './find-live-sessions.ts';
import { rekeySession, type StartedSession } from './start-or-renew-session.ts';

/** Beside the active one; one more sign-in ends the session that was used longest ago. */
export const MOST_OTHER_SESSIONS = 4;

const SEPARATOR = '.';

/** The values of the browser's session cookies, as far as it sent them. */
export interface SessionCookies {
  /** The id of the active session. */
  readonly session?: string | undefined;
  /** The ids of the others, the last used first. */
  readonly otherSessions?: string | undefined;
}

/** Live sessions of different people; `others` are the last used first. */
export interface BrowserSessions {
  readonly active: StartedSession | undefined;
  readonly others: readonly StartedSession[];
}

/** The live sessions of this browser. Only the active one is marked as seen. */
export async function findBrowserSessions(
  context: Pick<IdentityContext, 'clock' | 'db' | 'settings'>,
  cookies: SessionCookies,
): Promise<BrowserSessions> {
  const session = await findSession(context, cookies.session);
  const active = session && { session, cookieValue: cookies.session ?? '' };
  const others: StartedSession[] = [];
  for (const cookieValue of splitOtherSessions(cookies.otherSessions)) {
    const other = await findSessionUnseen(context, cookieValue);
    const isKnown = [active, ...others].some((known) => known?.session.sub === other?.sub);
    if (other && !isKnown) others.push({ session: other, cookieValue });
  }
  return { active, others };
}

/** Makes the session `sid` the active one; undefined where it is not among them. */
export function activateSession(sessions: BrowserSessions, sid: string): BrowserSessions | undefined {
  const all = listBrowserSessions(sessions);
  const active = all.find(({ session }) => session.sid === sid);
  return active && { active, others: all.filter((one) => one !== active) };
}

/**
 * The sessions of other people, which go on while `sub` signs in, each under a new id: an id that was planted before is
 * invalid afterwards (ASVS V7.2.4). Where there are too many, those used longest ago end.
 */
export async function keepOthers(
  context: SessionEndContext & Pick<IdentityContext, 'random'>,
  tx: Tx,
  signIn: { present: readonly StartedSession[]; sub: string; source: RequestSource },
): Promise<readonly StartedSession[]> {
  const others = signIn.present.filter(({ session }) => session.sub !== signIn.sub);
  const kept: StartedSession[] = [];
  for (const { session } of others.slice(0, MOST_OTHER_SESSIONS)) {
    const rekeyed = await rekeySession(context, tx, session);
    if (rekeyed) kept.push(rekeyed);
  }
  const { source } = signIn;
  for (const { session } of others.slice(MOST_OTHER_SESSIONS)) {
    await endSessionIn(context, tx, session, { source, reason: 'too_many_accounts' });
  }
  return kept;
}

/** All of them, the active one first. */
export function listBrowserSessions({ active, others }: BrowserSessions): readonly StartedSession[] {
  return active ? [active, ...others] : others;
}

/** The value of the second cookie; undefined where there is no other session. */
export function otherSessionsCookie(others: readonly { readonly cookieValue: string }[]): string | undefined {
  return others.length === 0 ? undefined : others.map(({ cookieValue }) => cookieValue).join(SEPARATOR);
}

function splitOtherSessions(cookie: string | undefined): readonly string[] {
  return cookie === undefined ? [] : cookie.split(SEPARATOR).slice(0, MOST_OTHER_SESSIONS);
}
