/** A successor of each key that signs, where it is due or an operator wants it; and the end of one that leaked. RFC 7517, OpenID Connect Core §10.1.1 */
import { type Checked, PASSED, type Refusal, refuse } from '../../lib/outcome.ts';
import type { Tx } from '../../storage/database.ts';
import { deleteKey, erasePrivatePart, scheduleKey } from '../../storage/tables/keys.ts';
import { writeUnlessRefused } from '../../storage/write-unless-refused.ts';
import { addKey, latestKnownMs, retirePredecessors } from './add-and-retire.ts';
import type { KeyContext } from './context.ts';
import { isSealed } from './key-state.ts';
import { type ListedKey, listKeys, listUsedAlgorithms } from './list-keys.ts';
import { maintainKeys } from './maintain-keys.ts';
import { listKeysOf, publishedAheadMs, withinReach } from './needed-key-change.ts';
import { type NewKey, newKey } from './new-key.ts';
import { findUnreadableKeys } from './unreadable-keys.ts';

export interface Rotation {
  /** Sign with the successors at once; others may fail to verify until the JWKS they remember expires. */
  readonly now?: boolean;
  /** The kids of keys that are not to be trusted any more: they are published no longer. */
  readonly revoke?: readonly string[] | undefined;
  /** Keys that the master key does not open are replaced, and sign no more. */
  readonly masterKeyChanged?: boolean;
}

/** Publishes a successor of every signing key. It signs when everybody who may cache the JWKS has fetched it. */
export async function rotateKeys(
  context: KeyContext,
  { now = false, revoke = [], masterKeyChanged = false }: Rotation = {},
): Promise<ListedKey[] | Refusal<'not_found' | 'conflict'>> {
  const unreadable = await findUnreadableKeys(context.db, context.settings.masterKey);
  if (unreadable[0] && !masterKeyChanged)
    return refuse('conflict', 'other_master_key', unreadable[0].sentence);
  await maintainKeys(context);
  const used = await listUsedAlgorithms(context);
  const successors = await Promise.all(used.map((alg) => newKey(context, alg)));
  const rotated = await writeUnlessRefused(context.db, async (tx) => {
    const revoked = await revokeKeys(context, tx, revoke);
    if (revoked !== PASSED) return revoked;
    // What it signed is verified for as long as it would have been.
    for (const { row } of unreadable) await erasePrivatePart(tx, row.kid);
    const signsFromMs = now
      ? context.clock.nowMs()
      : (await latestKnownMs(context, tx)) + publishedAheadMs(context);
    for (const successor of successors) await succeed(context, tx, successor, signsFromMs);
    return PASSED;
  });
  return rotated === PASSED ? listKeys(context) : rotated;
}

async function revokeKeys(
  context: Pick<KeyContext, 'audit'>,
  tx: Tx,
  kids: readonly string[],
): Promise<Checked<Refusal<'not_found'>>> {
  for (const kid of new Set(kids)) {
    if (!(await deleteKey(tx, kid)))
      return refuse('not_found', 'unknown_key', `there is no key ${kid}; gatehouse keys list shows them`);
    context.audit.record(tx, { type: 'key.revoked', details: { kid } });
  }
  return PASSED;
}

/** A key that is published already is preferred to a new one: others know it. */
async function succeed(
  context: Pick<KeyContext, 'audit' | 'clock' | 'settings'>,
  tx: Tx,
  successor: NewKey,
  signsFromMs: number,
): Promise<void> {
  const rows = withinReach(context, await listKeysOf(context, tx, successor.alg));
  const later = rows.filter((row) => row.activates_at > signsFromMs && isSealed(row));
  if (later.length === 0) return addKey(context, tx, successor, signsFromMs);
  for (const { kid, alg } of later) {
    await scheduleKey(tx, kid, { activates_at: signsFromMs, retires_at: null, removed_at: null });
    context.audit.record(tx, { type: 'key.rotated', details: { kid, alg } });
  }
  await retirePredecessors(context, tx, successor.alg);
}
