/** The signing keys there are, and the algorithms in use. */
import { listPublishedKeys } from '../../storage/tables/keys.ts';
import type { KeyContext } from './context.ts';
import { type KeyState, stateOf } from './key-state.ts';
import { type SigningAlgorithm, signingAlgorithms } from './make-and-verify-signatures.ts';
import { isUsed } from './needed-key-change.ts';

export interface ListedKey {
  kid: string;
  alg: string;
  state: KeyState;
  created_at: number;
  activates_at: number;
  retires_at: number | null;
  removed_at: number | null;
}

/** Every published key with its state; times in milliseconds. */
export async function listKeys(context: Pick<KeyContext, 'clock' | 'db'>): Promise<ListedKey[]> {
  const nowMs = context.clock.nowMs();
  const rows = await listPublishedKeys(context.db, nowMs);
  return rows.map((key) => {
    const { public_jwk, private_sealed, ...row } = key;
    const ofAlgorithm = rows.filter(({ alg }) => alg === row.alg);
    return { ...row, state: stateOf(key, ofAlgorithm, nowMs) };
  });
}

/** Those that a setting, a client or every reader has. */
export async function listUsedAlgorithms({
  db,
  settings,
}: Pick<KeyContext, 'db' | 'settings'>): Promise<SigningAlgorithm[]> {
  const used: SigningAlgorithm[] = [];
  for (const alg of signingAlgorithms) if (await isUsed(db, settings, alg)) used.push(alg);
  return used;
}
