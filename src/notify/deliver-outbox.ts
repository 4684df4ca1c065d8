/** Delivers the rows that are due: at once for `flush`, otherwise every second; each row by one node at a time. */
import { createBoundedCache } from '../lib/bounded-cache.ts';
import type { Clock } from '../lib/clock-and-random.ts';
import type { Logger } from '../lib/log.ts';
import { oneBatchAtATime } from '../lib/one-batch-at-a-time.ts';
import { within } from '../lib/time-limit.ts';
import type { Database } from '../storage/database.ts';
import {
  claimOutbox,
  type DueRow,
  listDueOutbox,
  listDueOutboxOf,
  MAIL_DESTINATION,
  type OutboxKind,
  type OutboxRow,
} from '../storage/tables/outbox.ts';
import type { Channel } from './channel.ts';
import { storeOutcomes, type Tried, tryChannel } from './delivery-attempt.ts';
import { createDeliveryQueue, type DeliveryQueue } from './delivery-queue.ts';

const POLL_MS = 1000;
/** Longer than a delivery may take, including the writes before and after it. */
const LEASE_MS = 15_000;
const DELIVERY_MS = 5000;
/** How many due rows are read at a time, and how many of them for one destination. */
const READ = { limit: 1000, each: 100 };
const FAILING_CACHE = { entries: 10_000, bytes: 8 * 1024 * 1024, bytesOf: () => 0 };

export interface Outbox {
  /**
   * Delivers the rows about one person that are due, except mail; resolves when each was tried, or after `limitMs`. Destinations whose
   * last delivery failed are left to the next poll.
   */
  flush(person: string, limitMs: number): Promise<void>;
  /** Resolves when every row that is due was tried. */
  deliverDue(): Promise<void>;
  /** Starts no further delivery; rows that were not started stay in the database. */
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
  /** The time for one attempt. */
  readonly limitMs?: number;
}

/** With `polls` it delivers due rows every second until it is closed; without, only when it is called. */
export function createOutbox(parts: OutboxParts, { polls, limitMs = DELIVERY_MS }: OutboxOptions): Outbox {
  const { clock, db } = parts;
  const { isFailing, deliver } = createDeliverer(parts, limitMs);
  const queue = createDeliveryQueue({ isFailing, deliver });

  /** Repeats while rows are due. A row that is queued already is not added again, however often this is called. */
  async function deliverMore(): Promise<void> {
    for (let hasMore = true; hasMore; ) {
      const due = await listDueOutbox(db, clock.nowMs(), READ);
      const tried = queue.add(
        due.filter((row) => !queue.has(row)),
        false,
      );
      hasMore = (await tried).some(Boolean);
    }
  }

  const timer = polls ? setInterval(() => void logFailure(parts, deliverMore), POLL_MS).unref() : undefined;
  return {
    async flush(person, waitMs) {
      const work = logFailure(parts, () => deliverOfPerson(parts, queue, isFailing, person));
      await within(waitMs, work, () => undefined);
    },
    async deliverDue() {
      await logFailure(parts, deliverMore);
      await queue.idle();
    },
    async close() {
      clearInterval(timer);
      await queue.close();
    },
  };
}

async function deliverOfPerson(
  { db, clock }: OutboxParts,
  queue: DeliveryQueue,
  isFailing: (row: DueRow) => boolean,
  person: string,
): Promise<void> {
  const due = await listDueOutboxOf(db, person, clock.nowMs(), READ.limit);
  const begun = queue.rows().filter((row) => row.person === person);
  // Left to the next poll: rows without a destination, which have no recipient yet (sessions_ended), and mail, for which no
  // browser waits.
  const isWaitedFor = (row: DueRow) => row.destination !== '' && row.destination !== MAIL_DESTINATION;
  const waitedFor = [...due, ...begun].filter((row) => isWaitedFor(row) && !isFailing(row));
  await queue.add(waitedFor, true);
}

/** Claims a row, delivers it and stores the outcome; remembers which destinations failed. */
function createDeliverer(parts: OutboxParts, limitMs: number) {
  const { clock, db, log } = parts;
  const failed = createBoundedCache<boolean>(FAILING_CACHE);
  const claim = oneBatchAtATime((keys: readonly string[]) =>
    db.write(async (tx) => {
      const nowMs = clock.nowMs();
      const claimed: (OutboxRow | undefined)[] = [];
      for (const key of keys) claimed.push(await claimOutbox(tx, key, nowMs, nowMs + LEASE_MS));
      return claimed;
    }),
  );
  const store = oneBatchAtATime((tried: readonly Tried[]) => storeOutcomes(db, clock.nowMs(), tried));

  async function deliverClaimed(row: OutboxRow): Promise<void> {
    const { outbox_key, kind, attempts, destination } = row;
    const delivery = await tryChannel(parts.channels[kind], row, parts.channels[kind].limitMs ?? limitMs);
    failed.set(destination, delivery.outcome === 'retry');
    if (delivery.outcome !== 'delivered')
      log.warn(
        { outbox_key, kind, attempts, error: delivery.error },
        'a notification could not be delivered',
      );
    await store({ row, delivery });
  }

  return {
    /** After a start, the row itself says whether its last attempt failed. */
    isFailing: ({ destination, last_error }: DueRow) => failed.get(destination) ?? last_error !== null,
    deliver: ({ outbox_key }: DueRow) =>
      logFailure(parts, async () => {
        const row = await claim(outbox_key);
        if (row) await deliverClaimed(row);
      }),
  };
}

/** Logs a failure of the database and returns false; true where the work succeeded. */
async function logFailure({ log }: OutboxParts, work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    log.warn({ error: String(error) }, 'the outbox could not be delivered; it is tried again');
    return false;
  }
}
