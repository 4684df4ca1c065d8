/** Which of the master keys of the settings the private keys were sealed with. */
import type { Settings } from '../../config/settings-schema.ts';
import type { Reader } from '../../storage/database.ts';
import { findUnreadableKeys } from './unreadable-keys.ts';

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
