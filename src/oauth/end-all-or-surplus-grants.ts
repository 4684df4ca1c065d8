/** The grants that one person gave one client: ended together, and never more of them than a setting allows. */
import { LONGEST_CODE_SECONDS } from '../config/settings-schema.ts';
import type { IdentityContext } from '../identity/context.ts';
import { nextTurn } from '../lib/next-event-loop-turn.ts';
import type { Tx } from '../storage/database.ts';
import { deleteSurplusGrants, hasMoreGrants } from '../storage/tables/delete-surplus-grants.ts';
import { findGrant } from '../storage/tables/grants.ts';
import {
  deleteUnusableGrantsInStep,
  type GrantStep,
  nextGrantStep,
  type Pair,
  revokeGrantsInStep,
} from '../storage/tables/revoke-or-delete-grants-in-steps.ts';

/** So many rows are changed before others get their turn. */
const STEP = 500;
/** One in so many authorizations is followed by a count, as a share of what is allowed. */
const COUNTED_SHARE = 8;

/** Ends all of them; gives how many. */
export async function revokeGrantsOf(
  { clock }: Pick<IdentityContext, 'clock'>,
  tx: Tx,
  pair: Pair,
): Promise<number> {
  let ended = 0;
  await inSteps(tx, pair, async (step) => {
    ended += await revokeGrantsInStep(tx, clock.nowMs(), pair, step);
  });
  return ended;
}

async function inSteps(tx: Tx, pair: Pair, act: (step: GrantStep) => Promise<unknown>): Promise<void> {
  for (let after = ''; ; ) {
    const step = await nextGrantStep(tx, pair, { after, limit: STEP });
    if (!step) return;
    await act(step);
    after = step.last;
    await nextTurn();
  }
}

/**
 * In the transaction that made one more, or redeemed its code: that one stays. Codes that are never redeemed end no grant that
 * is in use: each of the two kinds has the bound of the setting. Counting a thousand rows costs more than the whole
 * authorization, so it is done once in a hundred times or so, by chance: what is too much by then goes at once.
 */
export async function boundGrants(
  context: Pick<IdentityContext, 'clock' | 'random' | 'settings' | 'audit'>,
  tx: Tx,
  made: string,
): Promise<void> {
  const most = context.settings.grants_per_user_and_client;
  const grant = isTurnToCount(context, most) ? await findGrant(tx, made) : undefined;
  if (!grant || !(await hasMoreGrants(tx, grant, most))) return;
  const { sub, client_id } = grant;
  await inSteps(tx, grant, (step) => deleteUnusableGrantsInStep(tx, context.clock.nowMs(), grant, step));
  const codeMs = LONGEST_CODE_SECONDS * 1000;
  const ended = await deleteSurplusGrants(tx, grant, { made, most, limit: STEP, codeMs });
  if (ended === 0) return;
  const details = { ended };
  context.audit.record(tx, { type: 'grant.revoked', reason: 'too_many_grants', sub, client_id, details });
}

function isTurnToCount({ random }: Pick<IdentityContext, 'random'>, most: number): boolean {
  const every = Math.max(1, Math.floor(most / COUNTED_SHARE));
  return random.bytes(4).readUInt32BE() % every === 0;
}
