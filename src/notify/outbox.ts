/** Delivers what waits: at once where somebody asks for it, by itself every second, each row by one node at a time. */
import { createBoundedCache } from '../lib/bounded-cache.ts';
import type { Clock, Logger } from '../lib/clock-and-random.ts';
import { oneBatchAtATime } from '../lib/one-batch-at-a-time.ts';
import { within } from '../lib/time-limit.ts';
import type { Database } from '../storage/database.ts';
import {
  claimOutbox,
  type DueRow,
  listDueOutbox,
  listDueOutboxOf,
  type OutboxKind,
  type OutboxRow,
} from '../storage/tables/outbox.ts';
import type { Channel } from './channel.ts';
import { settle, type Tried, tryChannel } from './delivery.ts';
import { createDeliveryQueue, type DeliveryQueue } from './delivery-queue.ts';

const POLL_MS = 1000;
/** Longer than a delivery may take, with what is written before and after it. */
const LEASE_MS = 15_000;
const DELIVERY_MS = 5000;
/** So many are looked at each time, and so many of one destination. */
const LOOK = { limit: 1000, each: 100 };
const REMEMBERED = { entries: 10_000, bytes: 8 * 1024 * 1024, bytesOf: () => 0 };

export interface Outbox {
  /**
   * Delivers what is due of one person; resolves when it was tried, or after `limitMs`. Whoever failed last time is left
   * to the next poll.
   */
  flush(person: string, limitMs: number): Promise<void>;
  /** Resolves when everything that is due was tried. */
  deliverDue(): Promise<void>;
  /** Begins nothing more; what has not begun stays in the database. */
  close(): Promise<void>;
}

export interface OutboxParts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly db: Database;
  readonly channels: Readonly<Record<OutboxKind, Channel>>;
}

export interface OutboxOptions {
  readonly polls: boolean;
  /** For one attempt. */
  readonly limitMs?: number;
}

/**
 * With `polls` it looks every second for what is due, until it is closed. Without it, it delivers only when it is
 * called.
 */
export function createOutbox(parts: OutboxParts, { polls, limitMs = DELIVERY_MS }: OutboxOptions): Outbox {
  const { clock, db } = parts;
  const { isFailing, deliver } = createDeliverer(parts, limitMs);
  const queue = createDeliveryQueue({ isFailing, deliver });

  /** Again as long as there is more; once at a time for each row, however often it is called. */
  async function deliverMore(): Promise<void> {
    for (let goesOn = true; goesOn; ) {
      const due = await listDueOutbox(db, clock.nowMs(), LOOK);
      const tried = queue.add(
        due.filter((row) => !queue.has(row)),
        false,
      );
      goesOn = (await tried).some(Boolean);
    }
  }

  const timer = polls ? setInterval(() => void quietly(parts, deliverMore), POLL_MS).unref() : undefined;
  return {
    async flush(person, waitMs) {
      const work = quietly(parts, () => deliverOf(parts, queue, isFailing, person));
      await within(waitMs, work, () => undefined);
    },
    async deliverDue() {
      await quietly(parts, deliverMore);
      await queue.idle();
    },
    async close() {
      clearInterval(timer);
      await queue.close();
    },
  };
}

async function deliverOf(
  { db, clock }: OutboxParts,
  queue: DeliveryQueue,
  isFailing: (row: DueRow) => boolean,
  person: string,
): Promise<void> {
  const due = await listDueOutboxOf(db, person, clock.nowMs(), LOOK.limit);
  const begun = queue.rows().filter((row) => row.person === person);
  // What tells nobody yet is left to the next poll.
  const waitedFor = [...due, ...begun].filter((row) => row.destination !== '' && !isFailing(row));
  await queue.add(waitedFor, true);
}

/** Claims, tells, settles; remembers who did not answer. */
function createDeliverer(parts: OutboxParts, limitMs: number) {
  const { clock, db, log } = parts;
  const failed = createBoundedCache<boolean>(REMEMBERED);
  const claim = oneBatchAtATime((keys: readonly string[]) =>
    db.write(async (tx) => {
      const nowMs = clock.nowMs();
      const claimed: (OutboxRow | undefined)[] = [];
      for (const key of keys) claimed.push(await claimOutbox(tx, key, nowMs, nowMs + LEASE_MS));
      return claimed;
    }),
  );
  const settled = oneBatchAtATime((tried: readonly Tried[]) => settle(db, clock.nowMs(), tried));

  async function tell(row: OutboxRow): Promise<void> {
    const { outbox_key, kind, attempts, destination } = row;
    const delivery = await tryChannel(parts.channels[kind], row, limitMs);
    failed.set(destination, delivery.outcome === 'again');
    if (delivery.outcome !== 'delivered')
      log.warn({ outbox_key, kind, attempts, error: delivery.error }, 'somebody could not be told');
    await settled({ row, delivery });
  }

  return {
    /** After a start, as the row remembers it. */
    isFailing: ({ destination, last_error }: DueRow) => failed.get(destination) ?? last_error !== null,
    deliver: ({ outbox_key }: DueRow) =>
      quietly(parts, async () => {
        const row = await claim(outbox_key);
        if (row) await tell(row);
      }),
  };
}

/** False where the database could not be had. */
async function quietly({ log }: OutboxParts, work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    log.warn({ error: String(error) }, 'the outbox could not be delivered; it is tried again');
    return false;
  }
}
