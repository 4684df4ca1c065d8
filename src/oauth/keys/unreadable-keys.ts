/** Private keys that the master key does not open: it is another one than they were sealed with. */
import { deriveKey } from '../../lib/derive-key.ts';
import type { Reader } from '../../storage/database.ts';
import { type KeyRow, listKeyRows } from '../../storage/tables/keys.ts';
import { unseal } from './seal-private-keys.ts';

export interface UnreadableKey {
  readonly row: KeyRow;
  /** A sentence for the operator. */
  readonly sentence: string;
}

/** The keys that `masterKey` does not open. A key whose private part was erased is not among them. */
export async function findUnreadableKeys(db: Reader, masterKey: Buffer): Promise<UnreadableKey[]> {
  const sealingKey = deriveKey(masterKey, 'private keys');
  return (await listKeyRows(db)).flatMap((row) => {
    if (row.private_sealed === '') return [];
    try {
      unseal(sealingKey, row.kid, row.private_sealed);
      return [];
    } catch (error) {
      return [{ row, sentence: (error as Error).message }];
    }
  });
}
