import { oncePerTurn } from '../lib/once-or-batch-per-turn.ts';
import type { Database, Reader, Tx } from './database.ts';

export interface InstallationState {
  /** Raised by every change to clients, keys and resources. Caches store it with what they read. */
  readonly revision: number;
  /** The time of the last restore: older tokens are no longer valid (backup/end-access-at-restore.ts). 0 if there was none. */
  readonly restoredAtMs: number;
  /**
   * Before this time it is unknown which client assertions were used (backup/restore.ts). Milliseconds; 0 if all are
   * known.
   */
  readonly assertionsUnknownBeforeMs: number;
}

/** Reads the one row of `revisions`; all zeros if it is missing. */
export async function readInstallationState(db: Reader): Promise<InstallationState> {
  const row = await db.get<{ value: number; restored_at: number; assertions_unknown_before: number }>(
    `SELECT value, restored_at, assertions_unknown_before FROM revisions WHERE name = 'house'`,
  );
  return {
    revision: row?.value ?? 0,
    restoredAtMs: row?.restored_at ?? 0,
    assertionsUnknownBeforeMs: row?.assertions_unknown_before ?? 0,
  };
}

export interface Revision {
  /** At most as old as this turn of the event loop; in a server whose engine sends notifications, one second at most. */
  current(): Promise<InstallationState>;
  /** Read from the database in this turn, regardless of notifications. */
  latest(): Promise<InstallationState>;
}

/** `isServer`: it reads so often that following the engine's notifications, if there are any, is worthwhile. */
export function createRevision(db: Database, { isServer }: { readonly isServer: boolean }): Revision {
  let followed: Promise<InstallationState> | undefined;
  let asked: Promise<InstallationState> | undefined;
  if (isServer) {
    db.follow?.(readInstallationState, (state) => {
      followed = state && Promise.resolve(state);
    });
  }
  const forgetNextTurn = oncePerTurn(() => {
    asked = undefined;
  });
  function latest(): Promise<InstallationState> {
    if (asked) return asked;
    asked = readInstallationState(db);
    forgetNextTurn();
    return asked;
  }
  return { latest, current: () => followed ?? latest() };
}

/** Tells every process that its caches may be stale. Call it in the transaction of the change. */
export async function raiseRevision(tx: Tx): Promise<void> {
  await tx.run(`UPDATE revisions SET value = value + 1 WHERE name = 'house'`);
  await tx.announceChange?.();
}

/** Tokens issued before `nowMs` are no longer valid. */
export async function dateRestore(tx: Tx, nowMs: number): Promise<void> {
  await tx.run(`UPDATE revisions SET value = value + 1, restored_at = $1 WHERE name = 'house'`, nowMs);
  await tx.announceChange?.();
}

/** Records that the client assertions used before `nowMs` are unknown. */
export async function distrustAssertions(tx: Tx, nowMs: number): Promise<void> {
  await tx.run(
    `UPDATE revisions SET value = value + 1, assertions_unknown_before = $1 WHERE name = 'house'`,
    nowMs,
  );
  await tx.announceChange?.();
}
