/** Waits a moment until the apps are notified that a session ended. */
import type { OAuthContext } from '../context.ts';

/**
 * The Foundation's plan, and users, expect the apps to be notified before the browser is redirected. An app that works
 * needs some ten milliseconds; one that does not answer, for the first time, delays the browser by no more than this.
 */
const LONGEST_WAIT_MS = 250;

/** Until the notices about this user are delivered, but no longer than that. */
export async function waitForLogoutNotices(
  { outbox }: Pick<OAuthContext, 'outbox'>,
  sub: string,
): Promise<void> {
  await outbox.flush(sub, LONGEST_WAIT_MS);
}
