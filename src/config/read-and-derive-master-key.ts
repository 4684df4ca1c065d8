/** Reads the master key from its setting or file, and derives the keys of its other spellings. */
import { hkdfSync } from 'node:crypto';
import { developmentKeyFile, readDevelopmentKey } from './development-master-key.ts';
import { doubtOf } from './master-key-probably-mistaken.ts';
import { type ParsedSettings, type Settings, SHORTEST_MASTER_KEY } from './settings-schema.ts';

interface GivenKey
  extends Pick<Settings, 'masterKey' | 'otherMasterKeys' | 'newMasterKey' | 'masterKeyDoubt'> {
  /** The file of a development installation. */
  readonly file: string | undefined;
}

/**
 * Reads the key from the setting, or without the setting from the file of a development installation. If there is no file
 * either, it generates a key and returns it as `newMasterKey`, which is not written yet. Throws ConfigurationError if the
 * file cannot be read.
 */
export function readMasterKey({ master_key, database }: ParsedSettings): GivenKey {
  if (master_key !== undefined)
    return {
      ...deriveMasterKeys(master_key),
      masterKeyDoubt: doubtOf(master_key.trim()),
      newMasterKey: undefined,
      file: undefined,
    };
  const file = developmentKeyFile(database);
  const { text, isNew } = readDevelopmentKey(file);
  const newMasterKey = isNew ? { file, text } : undefined;
  return { ...deriveMasterKeys(text), masterKeyDoubt: undefined, newMasterKey, file };
}

/**
 * White space at the ends is ignored, because a line break at the end depends on how the secret was stored. Earlier
 * versions kept it in a variable and in YAML: keys sealed then can still be opened (oauth/keys/master-key-that-opens-stored-keys.ts chooses).
 */
function deriveMasterKeys(text: string): Pick<Settings, 'masterKey' | 'otherMasterKeys'> {
  const bare = text.trim();
  const first = bare.length < SHORTEST_MASTER_KEY ? text : bare;
  const others = new Set([text, `${bare}\n`, `${bare}\r\n`]);
  others.delete(first);
  return { masterKey: derive(first), otherMasterKeys: [...others].map(derive) };
}

function derive(text: string): Buffer {
  return Buffer.from(hkdfSync('sha256', text, 'gatehouse', 'master key', 32));
}
