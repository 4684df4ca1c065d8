/** Signing a user out of one session or of all, by a page, and notifying the apps. ASVS V7.4.3 */
import type { RequestSource } from '../../audit/request-source.ts';
import { endOwnSession, endSessionsOfUserAndTell } from '../../identity/sessions/end-sessions.ts';
import { isLiveIn } from '../../identity/sessions/find-live-sessions.ts';
import type { Session } from '../../identity/sessions/session-type.ts';
import type { OAuthContext } from '../context.ts';
import type { EndingContext } from '../notifications/context.ts';
import { framesOf } from '../notifications/front-channel-logout.ts';
import { clientsOfSession, clientsOfUser } from '../notifications/logout-participants.ts';
import { waitForLogoutNotices } from '../notifications/wait-for-logout-notices.ts';

/** Ends this session; returns the URLs that the page loads in frames, undefined where the session is over already. */
export async function endThisSession(
  context: EndingContext,
  session: Session,
  source: RequestSource,
): Promise<readonly string[] | undefined> {
  const frames = await framesOf(context, session);
  if (!(await endOwnSession(context, session, session.sid, source))) return undefined;
  await waitForLogoutNotices(context, session.sub);
  return frames;
}

/**
 * Ends every session of the user, on every device; returns the URLs that the page loads in frames for this session.
 * undefined where this session is over already.
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
      ? endSessionsOfUserAndTell(context, tx, sub, '', source)
      : undefined;
  });
  if (ended === undefined) return undefined;
  await waitForLogoutNotices(context, sub);
  return frames;
}

/** The names of the apps that are notified when every session of the user ends. */
export async function notifiedApps(
  context: Pick<OAuthContext, 'db'>,
  { sub, sid }: Session,
): Promise<string[]> {
  const everywhere = await clientsOfUser(context.db, sub);
  const inSession = await clientsOfSession(context.db, sid);
  const notified = [
    ...everywhere.filter(({ metadata }) => metadata.backchannel_logout_uri !== undefined),
    ...inSession.filter(({ metadata }) => metadata.frontchannel_logout_uri !== undefined),
  ];
  return [...new Set(notified.map(({ metadata }) => metadata.client_name))].sort();
}
