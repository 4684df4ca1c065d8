/** The master key, from whatever it was written in. */
import { hkdfSync } from 'node:crypto';
import { developmentKeyFile, readDevelopmentKey } from './place.ts';
import { type ParsedSettings, type Settings, SHORTEST_MASTER_KEY } from './schema.ts';

interface GivenKey extends Pick<Settings, 'masterKey' | 'otherMasterKeys' | 'newMasterKey'> {
  /** Where it was made in development. */
  readonly file: string | undefined;
}

export function readMasterKey({ master_key, database }: ParsedSettings): GivenKey {
  if (master_key !== undefined)
    return { ...deriveMasterKeys(master_key), newMasterKey: undefined, file: undefined };
  const file = developmentKeyFile(database);
  const { text, isNew } = readDevelopmentKey(file);
  return { ...deriveMasterKeys(text), newMasterKey: isNew ? { file, text } : undefined, file };
}

/**
 * A secret has a line break at its end or none by how it was stored, so it does not count. In a variable and in YAML it
 * once did: what was sealed so goes on to open (oauth/keys/shut-keys.ts chooses).
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
