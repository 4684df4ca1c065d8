/** Keys are added, retired and brought back in the transaction that decides it. OpenID Connect Core §10.1.1 */
import { DAY_MS } from '../../lib/durations.ts';
import type { Tx } from '../../storage/database.ts';
import { newestAuditMs } from '../../storage/tables/audit-log.ts';
import { insertKey, type KeyRow, scheduleKey } from '../../storage/tables/keys.ts';
import type { KeyContext } from './context.ts';
import { isSealed } from './key-state.ts';
import { isEndless, type KeyNeed, listKeysOf, publishedAheadMs, withinReach } from './needed-key-change.ts';
import type { NewKey } from './new-key.ts';

const SKEW_MS = 60_000;
/** `made` is for a need to make one, and is stored then alone. */
export async function meetNeed(
  context: Pick<KeyContext, 'audit' | 'clock' | 'settings'>,
  tx: Tx,
  alg: string,
  { need, made }: { readonly need: KeyNeed; readonly made: NewKey | undefined },
): Promise<void> {
  if (need.kind === 'resume') return resumeKey(context, tx, need.key);
  if (need.kind === 'succeed') return retirePredecessors(context, tx, alg);
  if (need.kind === 'retire') return retireKeys(context, tx, alg);
  if (made) await addKey(context, tx, made, need.activates_at);
}

/**
 * Stores a key that signs from `activates_at` (milliseconds) on; the key before it retires then. Audited as
 * `key.created`.
 */
export async function addKey(
  context: Pick<KeyContext, 'audit' | 'clock' | 'settings'>,
  tx: Tx,
  key: NewKey,
  activates_at: number,
): Promise<void> {
  await insertKey(tx, { ...key, activates_at, retires_at: null, removed_at: null });
  await retirePredecessors(context, tx, key.alg);
  context.audit.record(tx, { type: 'key.created', details: { kid: key.kid, alg: key.alg } });
}

/** A key retires when its successor begins. A key that has an end, or that cannot sign, is no successor. */
export async function retirePredecessors(
  context: Pick<KeyContext, 'clock' | 'settings'>,
  tx: Tx,
  alg: string,
): Promise<void> {
  const rows = withinReach(context, await listKeysOf(context, tx, alg));
  const knownMs = await latestKnownMs(context, tx);
  for (const [index, row] of rows.entries()) {
    const others = isSealed(row) ? rows.slice(index + 1) : rows;
    const successor = others.find((other) => isEndless(other) && isSealed(other));
    if (!successor) continue;
    const endMs = Math.max(successor.activates_at, knownMs);
    if (row.retires_at === null || endMs < row.retires_at) await retireAt(context, tx, row, endMs);
  }
}

/**
 * The newest time that the clock or the audit knows: the audit has each token, so a clock that is behind does not end a key
 * before its last signature. A time in the audit further ahead than a key signs is ignored: a clock was wrong.
 */
export async function latestKnownMs(
  { clock, settings }: Pick<KeyContext, 'clock' | 'settings'>,
  tx: Tx,
): Promise<number> {
  const nowMs = clock.nowMs();
  const auditMs = await newestAuditMs(tx);
  return auditMs > nowMs + settings.key_rotation_days * DAY_MS ? nowMs : Math.max(nowMs, auditMs);
}

/** How long until the last token that a key signs before it retires has expired, by the clock of any reader. */
export function longestTokenMs({ access_token_seconds, id_token_seconds }: KeyContext['settings']): number {
  return Math.max(access_token_seconds, id_token_seconds) * 1000 + SKEW_MS;
}

/** It stays published until the last token that it signed has expired. */
async function retireAt(
  { settings }: Pick<KeyContext, 'settings'>,
  tx: Tx,
  row: KeyRow,
  retires_at: number,
): Promise<void> {
  const { activates_at } = row;
  const removed_at = retires_at + longestTokenMs(settings);
  await scheduleKey(tx, row.kid, { activates_at, retires_at, removed_at });
}

/**
 * Nothing uses the algorithm: a key that never signed does not begin, and one that signs is kept for a while, in which a
 * node with other settings, or a client that changes back to the algorithm, cancels its retirement.
 */
async function retireKeys(
  context: Pick<KeyContext, 'audit' | 'clock' | 'settings'>,
  tx: Tx,
  alg: string,
): Promise<void> {
  const rows = withinReach(context, await listKeysOf(context, tx, alg));
  const knownMs = await latestKnownMs(context, tx);
  for (const row of rows.filter(isEndless)) {
    const hasBegun = row.activates_at <= knownMs;
    await retireAt(context, tx, row, hasBegun ? knownMs + publishedAheadMs(context) : row.activates_at);
    context.audit.record(tx, { type: 'key.retired', details: { kid: row.kid, alg } });
  }
}

async function resumeKey(
  context: Pick<KeyContext, 'audit'>,
  tx: Tx,
  { kid, alg, activates_at }: KeyRow,
): Promise<void> {
  await scheduleKey(tx, kid, { activates_at, retires_at: null, removed_at: null });
  context.audit.record(tx, { type: 'key.resumed', details: { kid, alg } });
}
