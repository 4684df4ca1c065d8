/** Whose turn it is: many at once, few to one destination, and those that failed last in a lane of their own. */
import { oncePerTurn } from '../lib/per-turn.ts';
import type { DueRow } from '../storage/tables/outbox.ts';

interface Lane {
  readonly atOnce: number;
  readonly each: number;
  underWay: number;
}

interface Turn {
  readonly row: DueRow;
  /** Whether it was tried. */
  readonly tried: Promise<boolean>;
  end(wasTried: boolean): void;
}

export interface Turns {
  /**
   * Of each row, in its place, whether it was tried; resolves when all were. What waits already waits once, before all others
   * where `isFirst`.
   */
  add(rows: readonly DueRow[], isFirst: boolean): Promise<boolean[]>;
  has(row: DueRow): boolean;
  /** What waits or is under way. */
  rows(): DueRow[];
  /** Resolves when nothing waits and nothing is under way. */
  idle(): Promise<void>;
  /** Begins nothing more; resolves when what is under way has ended. */
  close(): Promise<void>;
}

export interface TurnParts {
  /** Asked at the moment when it could begin. */
  isFailing(row: DueRow): boolean;
  /** Never rejects. */
  deliver(row: DueRow): Promise<boolean>;
}

/**
 * Delivers up to 200 rows at once, 4 of them to one destination; where the last delivery failed, 20 at once and 1 to a
 * destination. It knows the rows of this process alone; the lease of a row keeps other processes off it.
 */
export function createTurns({ isFailing, deliver }: TurnParts): Turns {
  const well: Lane = { atOnce: 200, each: 4, underWay: 0 };
  const failing: Lane = { atOnce: 20, each: 1, underWay: 0 };
  const turns = new Map<string, Turn>();
  const busy = new Map<string, number>();
  let waiting: Turn[] = [];
  let isClosed = false;

  function begins(turn: Turn): boolean {
    const lane = isFailing(turn.row) ? failing : well;
    const already = busy.get(turn.row.destination) ?? 0;
    if (lane.underWay >= lane.atOnce || already >= lane.each) return false;
    lane.underWay += 1;
    busy.set(turn.row.destination, already + 1);
    void run(turn, lane);
    return true;
  }

  async function run(turn: Turn, lane: Lane): Promise<void> {
    const { destination, outbox_key } = turn.row;
    const wasTried = await deliver(turn.row);
    lane.underWay -= 1;
    const left = (busy.get(destination) ?? 1) - 1;
    if (left > 0) busy.set(destination, left);
    else busy.delete(destination);
    turns.delete(outbox_key);
    turn.end(wasTried);
    next();
  }

  /** Once for all that end in one turn of the event loop: each look is at all that wait. */
  const next = oncePerTurn(look);

  function look(): void {
    waiting = waiting.filter((turn) => !begins(turn));
  }

  /** The turn of a row, and whether it has to be put where it waits. */
  function turnOf(row: DueRow): { turn: Turn; isNew: boolean } {
    const known = turns.get(row.outbox_key);
    const turn = known ?? newTurn(row);
    turns.set(row.outbox_key, turn);
    return { turn, isNew: known === undefined };
  }

  async function idle(): Promise<void> {
    while (turns.size > 0) await Promise.all([...turns.values()].map(({ tried }) => tried));
  }

  return {
    add(rows, isFirst) {
      if (isClosed) return Promise.resolve(rows.map(() => false));
      const all = rows.map(turnOf);
      const added = all.filter(({ isNew }) => isNew).map(({ turn }) => turn);
      const asked = new Set(all.map(({ turn }) => turn));
      // Once each: what waited already keeps its place, or comes before all others.
      if (isFirst) {
        const promoted = waiting.filter((turn) => asked.has(turn));
        waiting = [...new Set([...promoted, ...added]), ...waiting.filter((turn) => !asked.has(turn))];
      } else waiting = [...waiting, ...new Set(added)];
      look();
      return Promise.all(all.map(({ turn }) => turn.tried));
    },
    has: (row) => turns.has(row.outbox_key),
    rows: () => [...turns.values()].map(({ row }) => row),
    idle,
    async close() {
      isClosed = true;
      for (const { row, end } of waiting) {
        turns.delete(row.outbox_key);
        end(false);
      }
      waiting = [];
      await idle();
    },
  };
}

function newTurn(row: DueRow): Turn {
  let end: Turn['end'] = () => {};
  const tried = new Promise<boolean>((resolve) => {
    end = resolve;
  });
  return { row, tried, end };
}
