/** Private keys that the master key does not open: it is another one than they were sealed with. */
import type { Settings } from '../../config/settings-schema.ts';
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

/** The first that opens all there is, so that an empty database has the key itself. */
export async function chooseMasterKey(
  db: Reader,
  { masterKey, otherMasterKeys }: Pick<Settings, 'masterKey' | 'otherMasterKeys'>,
): Promise<Buffer> {
  for (const candidate of [masterKey, ...otherMasterKeys]) {
    if ((await findUnreadableKeys(db, candidate)).length === 0) return candidate;
  }
  return masterKey;
}
