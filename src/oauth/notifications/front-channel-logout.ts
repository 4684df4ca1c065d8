/** The frames in which a browser tells the apps of a session that it ends. OpenID Connect Front-Channel Logout 1.0 §2, §3 */
import type { Session } from '../../identity/sessions/session-type.ts';
import type { OAuthContext } from '../context.ts';
import { sidFor } from '../sub-and-sid-for-client.ts';
import { clientsOfSession } from './logout-participants.ts';

/** A browser loads no more at a time; an app that must be notified in any case registers a backchannel_logout_uri. */
const MOST_FRAMES = 50;

/** Front-Channel Logout §2, §3: what is in this browser, so of the session that it has. */
export async function framesOf(
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
