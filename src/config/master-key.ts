/** The master key, from whatever it was written in. */
import { hkdfSync } from 'node:crypto';
import { existsSync } from 'node:fs';
import { developmentKeyFile, readDevelopmentKey } from './file-locations.ts';
import { type ParsedSettings, type Settings, SHORTEST_MASTER_KEY } from './schema.ts';

interface GivenKey
  extends Pick<Settings, 'masterKey' | 'otherMasterKeys' | 'newMasterKey' | 'masterKeyDoubt'> {
  /** Where it was made in development. */
  readonly file: string | undefined;
}

/**
 * Reads the key from the setting; where the setting is absent, from the file that development keeps it in. Where that
 * file is absent too it makes a new key, which is given as `newMasterKey` and not written yet. Throws
 * ConfigurationError where the file cannot be read.
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

/** Base64 may begin with a slash too, and never goes on so. */
const PATH = /^(?:\.{0,2}\/|~\/|file:)/;
const KNOWN_FOLDER = /^\/(?:run|etc|var|srv|opt|home|usr|root|tmp|mnt|data|app|config|secrets)\//;

/** Why it is hardly the secret that was meant; undefined where nothing speaks against it. It is never repeated. */
function doubtOf(text: string): string | undefined {
  const isPath = PATH.test(text) && (!text.startsWith('/') || KNOWN_FOLDER.test(text) || existsSync(text));
  if (isPath)
    return 'looks like the path of a file; a file with the key is named by GATEHOUSE_MASTER_KEY_FILE';
  // docker --env-file and systemd's EnvironmentFile differ here: the first keeps them as part of the value.
  if (/^(?:".*"|'.*')$/.test(text))
    return 'stands between quotation marks, which became a part of it; write it without';
  return /\$[({]|^`/.test(text)
    ? 'looks like a command of a shell that was not run; write what it prints'
    : undefined;
}

/**
 * A secret has a line break at its end or none by how it was stored, so it does not count. In a variable and in YAML it
 * once did: what was sealed so goes on to open (oauth/keys/unreadable-keys.ts chooses).
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
