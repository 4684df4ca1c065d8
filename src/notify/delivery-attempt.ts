/** One attempt at a delivery, and how its outcome is stored. */
import { within } from '../lib/time-limit.ts';
import type { Database, Tx } from '../storage/database.ts';
import {
  deleteOutbox,
  giveUpOutbox,
  type OutboxKind,
  type OutboxRow,
  postponeOutbox,
} from '../storage/tables/outbox.ts';
import type { Channel, Delivery } from './channel.ts';

/** The pause after each failed attempt; the last one is repeated. */
const PAUSES_MS = [10_000, 60_000, 240_000, 600_000];
/** After so many attempts the row is given up: an app after a quarter of an hour, a mail server after about six hours. */
const ATTEMPTS: Readonly<Record<OutboxKind, number>> = {
  back_channel_logout: 5,
  sessions_ended: 5,
  mail: 40,
};

export interface Tried {
  readonly row: OutboxRow;
  readonly delivery: Delivery;
}

/** Ends after `limitMs` whatever the channel does: a delivery counts against the queue's limits, and a stop waits for it. */
export async function tryChannel(
  channel: Channel,
  { payload }: OutboxRow,
  limitMs: number,
): Promise<Delivery> {
  const retry = (error: string): Delivery => ({ outcome: 'retry', error });
  try {
    const delivered = channel.deliver(JSON.parse(payload));
    return await within(limitMs, delivered, () => retry(`not done within ${limitMs} ms`));
  } catch (error) {
    return retry(error instanceof Error ? error.message : String(error));
  }
}

/** Stores all outcomes in one transaction, and returns them. */
export function storeOutcomes(
  db: Database,
  nowMs: number,
  tried: readonly Tried[],
): Promise<Delivery['outcome'][]> {
  return db.write(async (tx) => {
    for (const one of tried) await storeOutcome(tx, nowMs, one);
    return tried.map(({ delivery }) => delivery.outcome);
  });
}

async function storeOutcome(tx: Tx, nowMs: number, { row, delivery }: Tried): Promise<void> {
  const { outbox_key: key, kind, attempts } = row;
  const pauseMs = attempts < ATTEMPTS[kind] ? (PAUSES_MS[attempts - 1] ?? PAUSES_MS.at(-1)) : undefined;
  if (delivery.outcome === 'delivered') await deleteOutbox(tx, key);
  else if (delivery.outcome === 'given_up' || pauseMs === undefined)
    await giveUpOutbox(tx, key, nowMs, delivery.error);
  else await postponeOutbox(tx, key, nowMs + pauseMs, delivery.error);
}
