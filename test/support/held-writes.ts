/** A database whose writes a test can hold, so that the same interleaving happens each time. */
import type { Database } from '../../src/storage/database.ts';

/** Where a write is held: before its transaction begins, or before it commits. */
export type HoldingPoint = 'begin' | 'commit';

export interface HeldWrites {
  readonly through: (db: Database) => Database;
  /** Holds further writes at this point. */
  hold(point: HoldingPoint): void;
  /** Releases the held writes; new ones are held. */
  letOn(): void;
  /** Releases the held writes, and holds no more. */
  release(): void;
  waiting(): number;
}

export function createHeldWrites(): HeldWrites {
  let holdsAt: HoldingPoint | undefined;
  let waiting: (() => void)[] = [];

  async function pass(point: HoldingPoint): Promise<void> {
    if (holdsAt === point) await new Promise<void>((resolve) => waiting.push(resolve));
  }
  function letOn(): void {
    const now = waiting;
    waiting = [];
    for (const go of now) go();
  }

  return {
    through: (db) => ({
      ...db,
      async write(body) {
        await pass('begin');
        return db.write(async (tx) => {
          const result = await body(tx);
          await pass('commit');
          return result;
        });
      },
    }),
    hold(point) {
      holdsAt = point;
    },
    letOn,
    release() {
      holdsAt = undefined;
      letOn();
    },
    waiting: () => waiting.length,
  };
}
