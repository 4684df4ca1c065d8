/** Makes the keys that are lacking, and retires those whose time is over. */
import type { Reader } from '../../storage/database.ts';
import { meetNeed } from './add-and-retire.ts';
import type { KeyContext } from './context.ts';
import { type SigningAlgorithm, signingAlgorithms } from './make-and-verify-signatures.ts';
import { isUsed, type KeyNeed, keyNeed, listKeysOf } from './needed-key-change.ts';
import { newKey } from './new-key.ts';

/**
 * Makes the keys that are missing, and the next one of each algorithm whose time is near; retires those that nothing
 * uses any more. Run at start and every ten minutes.
 */
export async function maintainKeys(context: KeyContext): Promise<void> {
  for (const alg of signingAlgorithms) {
    const need = await findNeed(context, context.db, alg);
    if (need) await maintainKeysOf(context, alg, need);
  }
}

/** Asked again in the transaction: of several nodes that see the need at once, one makes the key. */
async function maintainKeysOf(context: KeyContext, alg: SigningAlgorithm, seen: KeyNeed): Promise<void> {
  const made = seen.kind === 'make' ? await newKey(context, alg) : undefined;
  await context.db.write(async (tx) => {
    const need = await findNeed(context, tx, alg);
    if (need) await meetNeed(context, tx, alg, { need, made });
  });
}

async function findNeed(
  context: Pick<KeyContext, 'clock' | 'settings'>,
  db: Reader,
  alg: SigningAlgorithm,
): Promise<KeyNeed | undefined> {
  return keyNeed(context, await listKeysOf(context, db, alg), await isUsed(db, context.settings, alg));
}
