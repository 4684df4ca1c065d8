import type { Reader, Tx } from './database.ts';

/** The number that every change to clients, keys and resources raises; caches hold what they read beside it. */
export async function readRevision(db: Reader): Promise<number> {
  const row = await db.get<{ value: number }>(`SELECT value FROM revisions WHERE name = 'house'`);
  return Number(row?.value ?? 0);
}

export interface Revision {
  /** Asked of the database once in a turn of the event loop, however many ask in it. */
  current(): Promise<number>;
}

export function createRevision(db: Reader): Revision {
  let asked: Promise<number> | undefined;
  function forget(): void {
    asked = undefined;
  }
  return {
    current() {
      if (asked) return asked;
      asked = readRevision(db);
      setImmediate(forget);
      return asked;
    },
  };
}

/** Tells every process that what it remembers may be stale; in the transaction of the change itself. */
export async function raiseRevision(tx: Tx): Promise<void> {
  await tx.run(`UPDATE revisions SET value = value + 1 WHERE name = 'house'`);
}
