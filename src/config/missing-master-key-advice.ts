/**
 * Advice for a missing master key: with a new key for an existing installation, its sealed keys could not be opened
 * any more.
 */
import { existsSync, statSync } from 'node:fs';
import { developmentKeyFile } from './development-master-key.ts';
import { databaseFileOf } from './sqlite-file-and-folder.ts';

const WHERE =
  'the wrapper that commands are typed by knows it (docs/how-to/production.md), and so does the unit of the server ' +
  '(systemctl cat gatehouse: Environment, EnvironmentFile or LoadCredential). ' +
  'Write here what is written there: GATEHOUSE_MASTER_KEY_FILE=/path/to/that/file';

const HOW =
  'make one with `openssl rand -base64 48`, keep it in a file that only Gatehouse may read, and write: ' +
  'GATEHOUSE_MASTER_KEY_FILE=/path/to/that/file';

/** What to do if there is no master key and the issuer is not on this machine. */
export function adviseOfMissingKey(database: string): string {
  const file = databaseFileOf(database);
  if (file === undefined)
    return (
      `There is no master key here. Where a server uses this database already, it has one: ${WHERE}. ` +
      `For a database that is new, and no restored or moved one, ${HOW}`
    );
  if (!isThere(file))
    return (
      `There is no master key of your own, and no database ${file} yet. ` +
      `Where one is to be restored or moved there, it needs the key that it had; otherwise ${HOW}`
    );
  const ownKey = developmentKeyFile(database);
  // It may be left over from before the server got another key.
  const beside = existsSync(ownKey)
    ? `where it began in development, the one beside it (GATEHOUSE_MASTER_KEY_FILE=${ownKey}); otherwise `
    : '';
  return `The database ${file} has a master key, which this was not given, and no other opens it: ${beside}${WHERE}`;
}

/** A file that this user may not stat counts as existing. */
function isThere(file: string): boolean {
  try {
    return statSync(file).size > 0;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code !== 'ENOENT' && code !== 'ENOTDIR';
  }
}
