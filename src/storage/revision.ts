import { oncePerTurn } from '../lib/per-turn.ts';
import type { Database, Reader, Tx } from './database.ts';

export interface InstallationState {
  /** The number that every change to clients, keys and resources raises; caches hold what they read beside it. */
  readonly revision: number;
  /** Of the last restore; tokens from before it are in force no more (backup/restore-epoch.ts). 0 where there was none. */
  readonly restoredAtMs: number;
  /** Which client assertions were used before is not known (backup/restore.ts); 0 where it is. Milliseconds. */
  readonly assertionsUnknownBeforeMs: number;
}

/** Reads the one row of `revisions`; all zeros where it is missing. */
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
  /** As old as this turn of the event loop; a server that follows another engine's news, a second at most. */
  current(): Promise<InstallationState>;
  /** What the database says in this turn, whatever was told. */
  latest(): Promise<InstallationState>;
}

/** `isServer`: it asks so often that the engine's news are worth following, where it has any. */
export function createRevision(db: Database, { isServer }: { readonly isServer: boolean }): Revision {
  let told: Promise<InstallationState> | undefined;
  let asked: Promise<InstallationState> | undefined;
  if (isServer) {
    db.follow?.(readInstallationState, (state) => {
      told = state && Promise.resolve(state);
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
  return { latest, current: () => told ?? latest() };
}

/** Tells every process that what it remembers may be stale; in the transaction of the change itself. */
export async function raiseRevision(tx: Tx): Promise<void> {
  await tx.run(`UPDATE revisions SET value = value + 1 WHERE name = 'house'`);
  await tx.announceChange?.();
}

/** From now on, tokens issued before are in force no more. */
export async function dateRestore(tx: Tx, nowMs: number): Promise<void> {
  await tx.run(`UPDATE revisions SET value = value + 1, restored_at = $1 WHERE name = 'house'`, nowMs);
  await tx.announceChange?.();
}

/** Client assertions that were used before `nowMs` are not known. */
export async function distrustAssertions(tx: Tx, nowMs: number): Promise<void> {
  await tx.run(
    `UPDATE revisions SET value = value + 1, assertions_unknown_before = $1 WHERE name = 'house'`,
    nowMs,
  );
  await tx.announceChange?.();
}
