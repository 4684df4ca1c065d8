/** A database whose writes a test holds, so that the same interleaving happens each time. */
import type { Database } from '../../src/storage/database.ts';

/** Where a write waits: everything is read and nothing begun, or everything is written and nothing committed. */
export type HoldingPoint = 'begin' | 'commit';

export interface HeldWrites {
  readonly through: (db: Database) => Database;
  /** From now on writes wait there. */
  hold(point: HoldingPoint): void;
  /** Those that wait go on; those that come meanwhile wait. */
  letOn(): void;
  /** Whatever waits goes on, and nothing waits any more. */
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
