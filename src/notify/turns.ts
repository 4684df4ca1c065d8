/** Whose turn it is: many at once, few to one destination, and those that failed last in a lane of their own. */
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
  /** Resolves when it was tried, true if so; what waits already waits once, before all others where `isFirst`. */
  add(row: DueRow, isFirst: boolean): Promise<boolean>;
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

  function next(): void {
    waiting = waiting.filter((turn) => !begins(turn));
  }

  async function idle(): Promise<void> {
    while (turns.size > 0) await Promise.all([...turns.values()].map(({ tried }) => tried));
  }

  return {
    add(row, isFirst) {
      if (isClosed) return Promise.resolve(false);
      const known = turns.get(row.outbox_key);
      const turn = known ?? newTurn(row);
      turns.set(row.outbox_key, turn);
      if (known && isFirst && waiting.includes(known)) waiting = waiting.filter((other) => other !== known);
      else if (known) return known.tried;
      waiting = isFirst ? [turn, ...waiting] : [...waiting, turn];
      next();
      return turn.tried;
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
