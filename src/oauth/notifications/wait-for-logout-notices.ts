/** Waits a moment for the apps to be told that a session ended. */
import type { OAuthContext } from '../context.ts';

/**
 * The Foundation's plan, and people, expect the apps to know before the browser is sent on. An app that is well needs
 * some ten milliseconds; no longer than this for one that hangs for the first time.
 */
const TELL_MS = 250;

/** Until the notices about this person are delivered, but no longer than that. */
export async function waitUntilTold({ outbox }: Pick<OAuthContext, 'outbox'>, sub: string): Promise<void> {
  await outbox.flush(sub, TELL_MS);
}
