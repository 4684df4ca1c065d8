/** A server does not start with a master key that does not open its private keys. */
import { StorageRefusedError } from '../../storage/storage-errors.ts';
import { listKeyRows } from '../../storage/tables/keys.ts';
import type { KeyContext } from './context.ts';
import { findUnreadableKeys } from './unreadable-keys.ts';

/** With a wrong master key no key could sign, and new keys would be sealed with it beside the old ones. */
export async function refuseWrongMasterKey({
  db,
  settings,
}: Pick<KeyContext, 'db' | 'settings'>): Promise<void> {
  const [unreadable] = await findUnreadableKeys(db, settings.masterKey);
  if (unreadable) throw new StorageRefusedError(unreadable.sentence);
  const { masterKeyDoubt, development } = settings;
  // Replacing the key costs nothing until a signing key is sealed with it; later it ends every refresh token.
  if (masterKeyDoubt !== undefined && !development && (await listKeyRows(db)).length === 0)
    throw new StorageRefusedError(`the master key ${masterKeyDoubt}`);
}
