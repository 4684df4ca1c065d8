/** Delivers what waits: at once where somebody asks for it, by itself every second, each row by one node at a time. */
import type { Clock, Logger } from '../lib/runtime.ts';
import type { Database } from '../storage/database.ts';
import {
  buryOutbox,
  claimOutbox,
  deleteOutbox,
  hasDueOutbox,
  type OutboxKind,
  type OutboxRow,
  postponeOutbox,
} from '../storage/tables/outbox.ts';
import type { Channel, Delivery } from './channel.ts';

const POLL_MS = 1000;
const LEASE_MS = 15_000;
const BATCH = 20;
/** After each attempt that failed; then it is given up. A quarter of an hour in all. */
const PAUSES_MS = [10_000, 60_000, 240_000, 600_000];

export interface Outbox {
  /** Delivers what is due now; resolves when it was tried, or after `limitMs`. */
  flush(limitMs: number): Promise<void>;
  close(): Promise<void>;
}

export interface OutboxParts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly db: Database;
  readonly channels: Readonly<Record<OutboxKind, Channel>>;
}

export function createOutbox(parts: OutboxParts, { polls }: { readonly polls: boolean }): Outbox {
  let underWay: Promise<void> = Promise.resolve();

  function run(): Promise<void> {
    underWay = underWay
      .then(() => deliverDue(parts))
      .catch((error: unknown) => {
        parts.log.warn({ error: String(error) }, 'the outbox could not be delivered; it is tried again');
      });
    return underWay;
  }

  const timer = polls ? setInterval(() => void run(), POLL_MS).unref() : undefined;
  return {
    async flush(limitMs) {
      let limit: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        limit = setTimeout(resolve, limitMs);
      });
      await Promise.race([run(), late]);
      clearTimeout(limit);
    },
    async close() {
      clearInterval(timer);
      await underWay;
    },
  };
}

async function deliverDue(parts: OutboxParts): Promise<void> {
  const { clock, db } = parts;
  while (await hasDueOutbox(db, clock.nowMs())) {
    const nowMs = clock.nowMs();
    const rows = await db.write((tx) => claimOutbox(tx, nowMs, nowMs + LEASE_MS, BATCH));
    await Promise.all(rows.map((row) => deliver(parts, row)));
  }
}

async function deliver(parts: OutboxParts, row: OutboxRow): Promise<void> {
  const delivery = await tryChannel(parts.channels[row.kind], row);
  await settle(parts, row, delivery);
  if (delivery.outcome === 'delivered') return;
  const { outbox_key, kind, attempts } = row;
  parts.log.warn({ outbox_key, kind, attempts, error: delivery.error }, 'somebody could not be told');
}

async function tryChannel(channel: Channel, { payload }: OutboxRow): Promise<Delivery> {
  try {
    return await channel.deliver(JSON.parse(payload));
  } catch (error) {
    return { outcome: 'again', error: error instanceof Error ? error.message : String(error) };
  }
}

async function settle({ db, clock }: OutboxParts, row: OutboxRow, delivery: Delivery): Promise<void> {
  const { outbox_key: key, attempts } = row;
  const pauseMs = PAUSES_MS[attempts - 1];
  const nowMs = clock.nowMs();
  await db.write(async (tx) => {
    if (delivery.outcome === 'delivered') await deleteOutbox(tx, key);
    else if (delivery.outcome === 'dead' || pauseMs === undefined)
      await buryOutbox(tx, key, nowMs, delivery.error);
    else await postponeOutbox(tx, key, nowMs + pauseMs, delivery.error);
  });
}
