/** Notes that a session is in use. */
import { CLOCK_SKEW_MS } from '../../lib/tolerate-clock-set-back.ts';
import type { Tx } from '../../storage/database.ts';
import { touchSession as touchSessionRow } from '../../storage/tables/sessions.ts';
import type { IdentityContext } from '../context.ts';

/** The minimum time between two writes of activity: a minute, or a tenth of the idle time where that is shorter. */
export const touchMs = ({ session_idle_seconds }: IdentityContext['settings']) =>
  Math.min(60000, session_idle_seconds * 100);

/** Marks a live session as seen, at most once a minute; its absolute end does not change. */
export async function touchSession(
  { clock, settings }: Pick<IdentityContext, 'clock' | 'settings'>,
  tx: Tx,
  sid: string,
): Promise<void> {
  const nowMs = clock.nowMs();
  const idleEnd = nowMs + settings.session_idle_seconds * 1000;
  // A time in the future, from a clock that was ahead, is overwritten: otherwise no activity would be written until then.
  const seen = { seenBefore: nowMs - touchMs(settings), seenAfter: nowMs + CLOCK_SKEW_MS };
  await touchSessionRow(tx, sid, { nowMs, idleEnd, ...seen });
}
