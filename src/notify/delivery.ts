/** One attempt, and what it leaves behind. */
import { within } from '../lib/time-limit.ts';
import type { Database, Tx } from '../storage/database.ts';
import { deleteOutbox, giveUpOutbox, type OutboxRow, postponeOutbox } from '../storage/tables/outbox.ts';
import type { Channel, Delivery } from './channel.ts';

/** After each attempt that failed; then it is given up. A quarter of an hour in all. */
const PAUSES_MS = [10_000, 60_000, 240_000, 600_000];

export interface Tried {
  readonly row: OutboxRow;
  readonly delivery: Delivery;
}

/** Whatever the channel does, it is over after `limitMs`: it holds a place, and the end of the server waits for it. */
export async function tryChannel(
  channel: Channel,
  { payload }: OutboxRow,
  limitMs: number,
): Promise<Delivery> {
  const again = (error: string): Delivery => ({ outcome: 'again', error });
  try {
    const delivered = channel.deliver(JSON.parse(payload));
    return await within(limitMs, delivered, () => again(`not done within ${limitMs} ms`));
  } catch (error) {
    return again(error instanceof Error ? error.message : String(error));
  }
}

/** In one transaction; gives the outcomes. */
export function settle(db: Database, nowMs: number, tried: readonly Tried[]): Promise<Delivery['outcome'][]> {
  return db.write(async (tx) => {
    for (const one of tried) await settleOne(tx, nowMs, one);
    return tried.map(({ delivery }) => delivery.outcome);
  });
}

async function settleOne(tx: Tx, nowMs: number, { row, delivery }: Tried): Promise<void> {
  const { outbox_key: key, attempts } = row;
  const pauseMs = PAUSES_MS[attempts - 1];
  if (delivery.outcome === 'delivered') await deleteOutbox(tx, key);
  else if (delivery.outcome === 'dead' || pauseMs === undefined)
    await giveUpOutbox(tx, key, nowMs, delivery.error);
  else await postponeOutbox(tx, key, nowMs + pauseMs, delivery.error);
}
