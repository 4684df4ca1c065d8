/** Keys for what a client has its answers signed with, in the transaction that registers it. */
import { type Checked, PASSED, type Refusal, refuse } from '../../lib/outcome.ts';
import type { Reader, Tx } from '../../storage/database.ts';
import { meetNeed } from './add-and-retire.ts';
import type { KeyContext } from './context.ts';
import { type SigningAlgorithm, signingAlgorithms } from './make-and-verify-signatures.ts';
import { type KeyNeed, keyNeed, listKeysOf } from './needed-key-change.ts';
import { type NewKey, newKey } from './new-key.ts';

/** Before the transaction, as it takes a moment: the keys of those algorithms that have none. */
export async function prepareKeys(
  context: Omit<KeyContext, 'audit'>,
  algorithms: readonly SigningAlgorithm[],
): Promise<NewKey[]> {
  const made: NewKey[] = [];
  for (const alg of algorithms) {
    const need = await firstNeed(context, context.db, alg);
    if (need?.kind === 'make') made.push(await newKey(context, alg));
  }
  return made;
}

/**
 * Each of the algorithms has a key that signs from now on; refused where one has none and none was made for it. A client
 * that registers itself gets no key made: it may ask for what is listed.
 */
export async function provideKeys(
  context: Pick<KeyContext, 'audit' | 'clock' | 'settings'>,
  tx: Tx,
  algorithms: readonly SigningAlgorithm[],
  prepared: readonly NewKey[],
): Promise<Checked<Refusal<'invalid_client_metadata'>>> {
  for (const alg of algorithms) {
    const need = await firstNeed(context, tx, alg);
    if (!need) continue;
    const made = prepared.find((key) => key.alg === alg);
    if (need.kind === 'make' && !made) return noKey(context, tx, alg);
    await meetNeed(context, tx, alg, { need, made });
  }
  return PASSED;
}

/** Of one that signs now: a successor is made in its time (rotate-and-revoke-keys.ts). */
async function firstNeed(
  context: Pick<KeyContext, 'clock' | 'settings'>,
  db: Reader,
  alg: SigningAlgorithm,
): Promise<KeyNeed | undefined> {
  const need = keyNeed(context, await listKeysOf(context, db, alg), true);
  const isForLater = need?.kind === 'make' && need.activates_at > context.clock.nowMs();
  return isForLater || need?.kind === 'succeed' ? undefined : need;
}

async function noKey(context: Pick<KeyContext, 'clock' | 'settings'>, tx: Tx, alg: SigningAlgorithm) {
  const known: SigningAlgorithm[] = [];
  for (const one of signingAlgorithms) if (!(await firstNeed(context, tx, one))) known.push(one);
  return refuse(
    'invalid_client_metadata',
    'no_signing_key',
    `nothing is signed with ${alg} here; id_token_signed_response_alg and userinfo_signed_response_alg may be ${known.join(' or ')}`,
  );
}
