/** Keys come, retire and come back, in the transaction of whoever decides it. OpenID Connect Core §10.1.1 */
import type { Tx } from '../../storage/database.ts';
import { deleteKey, insertKey, type KeyRow, scheduleKey } from '../../storage/tables/keys.ts';
import { type KeyContext, type KeyNeed, listKeysOf, publishedAheadMs, stateOf } from './need.ts';
import type { NewKey } from './new-key.ts';

const SKEW_MS = 60_000;

/** `made` is for a need to make one, and is stored then alone. */
export async function meetNeed(
  context: KeyContext,
  tx: Tx,
  alg: string,
  { need, made }: { readonly need: KeyNeed; readonly made: NewKey | undefined },
): Promise<void> {
  if (need.kind === 'resume') return resumeKey(context, tx, need.key);
  if (need.kind === 'begin') return beginKey(context, tx, need.key);
  if (need.kind === 'retire') return retireKeys(context, tx, alg);
  if (made) await addKey(context, tx, made, need.activates_at);
}

export async function addKey(context: KeyContext, tx: Tx, key: NewKey, activates_at: number): Promise<void> {
  await insertKey(tx, { ...key, activates_at, retires_at: null, removed_at: null });
  await retirePredecessors(context, tx, key.alg);
  context.audit.record(tx, { type: 'key.created', details: { kid: key.kid, alg: key.alg } });
}

/** A key retires when its successor begins. */
export async function retirePredecessors(context: KeyContext, tx: Tx, alg: string): Promise<void> {
  const rows = await listKeysOf(context, tx, alg);
  for (const [index, row] of rows.entries()) {
    const successor = rows[index + 1];
    if (!successor || row.retires_at === successor.activates_at) continue;
    await retireAt(context, tx, row, successor.activates_at);
  }
}

/** It stays published until the last token that it signed has expired. */
async function retireAt({ settings }: KeyContext, tx: Tx, row: KeyRow, retires_at: number): Promise<void> {
  const { access_token_seconds, id_token_seconds } = settings;
  const longestTokenMs = Math.max(access_token_seconds, id_token_seconds) * 1000;
  const { activates_at } = row;
  const removed_at = retires_at + longestTokenMs + SKEW_MS;
  await scheduleKey(tx, row.kid, { activates_at, retires_at, removed_at });
}

/**
 * Nothing uses the algorithm: what never signed is of no use, and what signs goes on for a while, in which a node with
 * other settings, or a client that comes back to it, takes that back.
 */
async function retireKeys(context: KeyContext, tx: Tx, alg: string): Promise<void> {
  const nowMs = context.clock.nowMs();
  const rows = await listKeysOf(context, tx, alg);
  const next = rows.filter((row) => stateOf(row, nowMs) === 'next');
  for (const { kid } of next) await deleteKey(tx, kid);
  const newest = rows.filter((row) => !next.includes(row)).at(-1);
  if (!newest) return;
  await retireAt(context, tx, newest, nowMs + publishedAheadMs(context));
  context.audit.record(tx, { type: 'key.retired', details: { kid: newest.kid, alg } });
}

async function resumeKey(context: KeyContext, tx: Tx, { kid, alg, activates_at }: KeyRow): Promise<void> {
  await scheduleKey(tx, kid, { activates_at, retires_at: null, removed_at: null });
  context.audit.record(tx, { type: 'key.resumed', details: { kid, alg } });
}

/** Before its time; those before it retire now. */
async function beginKey(context: KeyContext, tx: Tx, { kid, alg }: KeyRow): Promise<void> {
  await scheduleKey(tx, kid, { activates_at: context.clock.nowMs(), retires_at: null, removed_at: null });
  context.audit.record(tx, { type: 'key.rotated', details: { kid, alg } });
  await retirePredecessors(context, tx, alg);
}
