/**
 * Which delivery starts next: many at once, few to one destination; destinations that failed last time have a lane of
 * their own.
 */
import { oncePerTurn } from '../lib/once-or-batch-per-turn.ts';
import type { DueRow } from '../storage/tables/outbox.ts';

interface Lane {
  readonly atOnce: number;
  readonly each: number;
  underWay: number;
}

interface QueuedRow {
  readonly row: DueRow;
  /** Whether the delivery was tried. */
  readonly tried: Promise<boolean>;
  end(wasTried: boolean): void;
}

export interface DeliveryQueue {
  /**
   * Resolves when all rows were tried: for each row, in the same order, whether it was. A row that is queued already is not
   * queued twice. With `isFirst`, the rows are moved before all others.
   */
  add(rows: readonly DueRow[], isFirst: boolean): Promise<boolean[]>;
  has(row: DueRow): boolean;
  /** The rows that wait or are under way. */
  rows(): DueRow[];
  /** Resolves when no row waits and none is under way. */
  idle(): Promise<void>;
  /** Starts no further delivery; resolves when those under way have ended. */
  close(): Promise<void>;
}

export interface DeliveryQueueParts {
  /** Asked when the delivery could start. */
  isFailing(row: DueRow): boolean;
  /** Never rejects. */
  deliver(row: DueRow): Promise<boolean>;
}

/**
 * Delivers up to 200 rows at once, 4 of them to one destination; to destinations whose last delivery failed, 20 at once
 * and 1 to each. It knows the rows of this process alone; a row's lease keeps other processes from delivering it.
 */
export function createDeliveryQueue({ isFailing, deliver }: DeliveryQueueParts): DeliveryQueue {
  const healthy: Lane = { atOnce: 200, each: 4, underWay: 0 };
  const failing: Lane = { atOnce: 20, each: 1, underWay: 0 };
  const queued = new Map<string, QueuedRow>();
  const busy = new Map<string, number>();
  let waiting: QueuedRow[] = [];
  let isClosed = false;

  function tryStart(entry: QueuedRow): boolean {
    const lane = isFailing(entry.row) ? failing : healthy;
    const already = busy.get(entry.row.destination) ?? 0;
    if (lane.underWay >= lane.atOnce || already >= lane.each) return false;
    lane.underWay += 1;
    busy.set(entry.row.destination, already + 1);
    void run(entry, lane);
    return true;
  }

  async function run(entry: QueuedRow, lane: Lane): Promise<void> {
    const { destination, outbox_key } = entry.row;
    const wasTried = await deliver(entry.row);
    lane.underWay -= 1;
    const left = (busy.get(destination) ?? 1) - 1;
    if (left > 0) busy.set(destination, left);
    else busy.delete(destination);
    queued.delete(outbox_key);
    entry.end(wasTried);
    startLater();
  }

  /** Once for all deliveries that end in one turn of the event loop, because each call scans all waiting rows. */
  const startLater = oncePerTurn(startWaiting);

  function startWaiting(): void {
    waiting = waiting.filter((entry) => !tryStart(entry));
  }

  /** The entry of a row, and whether it still has to be added to the waiting rows. */
  function entryOf(row: DueRow): { entry: QueuedRow; isNew: boolean } {
    const known = queued.get(row.outbox_key);
    const entry = known ?? newEntry(row);
    queued.set(row.outbox_key, entry);
    return { entry, isNew: known === undefined };
  }

  async function idle(): Promise<void> {
    while (queued.size > 0) await Promise.all([...queued.values()].map(({ tried }) => tried));
  }

  return {
    add(rows, isFirst) {
      if (isClosed) return Promise.resolve(rows.map(() => false));
      const all = rows.map(entryOf);
      const added = all.filter(({ isNew }) => isNew).map(({ entry }) => entry);
      const asked = new Set(all.map(({ entry }) => entry));
      // Each row once: a row that was waiting keeps its position, or with isFirst moves before all others.
      if (isFirst) {
        const promoted = waiting.filter((entry) => asked.has(entry));
        waiting = [...new Set([...promoted, ...added]), ...waiting.filter((entry) => !asked.has(entry))];
      } else waiting = [...waiting, ...new Set(added)];
      startWaiting();
      return Promise.all(all.map(({ entry }) => entry.tried));
    },
    has: (row) => queued.has(row.outbox_key),
    rows: () => [...queued.values()].map(({ row }) => row),
    idle,
    async close() {
      isClosed = true;
      for (const { row, end } of waiting) {
        queued.delete(row.outbox_key);
        end(false);
      }
      waiting = [];
      await idle();
    },
  };
}

function newEntry(row: DueRow): QueuedRow {
  let end: QueuedRow['end'] = () => {};
  const tried = new Promise<boolean>((resolve) => {
    end = resolve;
  });
  return { row, tried, end };
}
