/** Removes clients that registered themselves and are used no more. */

import type { Settings } from '../../config/settings-schema.ts';
import { DAY_MS } from '../../lib/durations.ts';
import {
  type DisuseLimits,
  setUnknownLastUse,
  startLeavingUnused,
} from '../../storage/tables/disused-self-registered-clients.ts';
import { AT_ONCE, finishDeletions, type Parts } from './delete-client-in-pieces.ts';

/** Clients that registered themselves and were not used for so long; gives how many are deleted. */
export async function forgetUnusedClients(
  { db, clock, audit }: Parts,
  disuse: DisuseLimits,
): Promise<number> {
  await db.write((tx) => setUnknownLastUse(tx, clock.nowMs()));
  let gone = 0;
  for (let after: string | undefined = ''; after !== undefined; ) {
    const from: string = after;
    const clientIds = await db.write(async (tx) => {
      const step = { nowMs: clock.nowMs(), after: from, limit: AT_ONCE };
      const leaving = await startLeavingUnused(tx, disuse, step);
      for (const client_id of leaving)
        audit.record(tx, { type: 'client.deleted', reason: 'unused', client_id });
      return leaving;
    });
    gone += clientIds.length;
    after = clientIds.at(-1);
  }
  return gone;
}

/** As the settings say; a client that may still have a refresh token stays. */
export function disuseAt(settings: Settings, nowMs: number): DisuseLimits {
  const refreshSeconds = Math.min(
    settings.refresh_token_idle_seconds,
    settings.refresh_token_absolute_seconds,
  );
  const idleMs = Math.max(settings.registration_idle_days * DAY_MS, refreshSeconds * 1000);
  return {
    registeredBefore: nowMs - settings.registration_unused_days * DAY_MS,
    // The last use is known to the day.
    usedBefore: nowMs - idleMs - DAY_MS,
  };
}

/** Deletes unused clients, and completes deletions that had begun. */
export async function removeClients(parts: Parts & { readonly settings: Settings }): Promise<void> {
  await forgetUnusedClients(parts, disuseAt(parts.settings, parts.clock.nowMs()));
  await finishDeletions(parts.db);
}
