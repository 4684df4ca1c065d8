/** Why the database cannot be opened, and what to do. */
import { existsSync } from 'node:fs';
import type { Settings } from '../../config/settings-schema.ts';
import { fileOfDatabase } from '../../storage/open-database-by-url.ts';
import { StorageUnavailableError } from '../../storage/storage-errors.ts';
import { answersHere } from '../server-readiness.ts';
import { type Finding, fail } from './check.ts';
import { lockHolders } from './find-lock-holders.ts';

/** Why the database could not be opened. */
export async function explainClosed(settings: Settings, error: Error): Promise<Finding> {
  if (error instanceof StorageUnavailableError) return unavailable(settings.database, error);
  const file = fileOfDatabase(settings.database);
  if (file !== undefined && !existsSync(file) && (await answersHere(settings)))
    return fail(
      `there is no database ${file}, and a server answers here, which may still have the one that was there`,
      KEEP_SERVER_RUNNING,
    );
  return fail(error.message, 'do what the message says, then check again');
}

const KEEP_SERVER_RUNNING =
  'do not stop that server before: what it has may be in no other place. Where the file was moved, move it back with its ' +
  '-wal and -shm; where it was deleted, copy both out of the process (ls -l /proc/PID/fd; cp /proc/PID/fd/N), then stop ' +
  'the server and put them in place. Where the server has another database, name that one in the settings here';
const FIXES: readonly (readonly [pattern: RegExp, fix: string])[] = [
  [/SQLITE_FULL|IOERR|full/, 'make room on its disk (see the check of the disk)'],
  [/SQLITE_READONLY|CANTOPEN/, 'run this as the user who owns the file, and look at its disk and folder'],
];

/** Why a database does not answer, by the error of its engine. */
export function unavailable(database: string, { message }: Error): Finding {
  const file = fileOfDatabase(database);
  if (file === undefined)
    return fail(
      message,
      'start PostgreSQL, or mend the way to it as the message says: database: postgres://…',
    );
  if (/BUSY|LOCKED/.test(message)) return locked(file, message);
  const [, fix = 'see the message'] = FIXES.find(([pattern]) => pattern.test(message)) ?? [];
  return fail(message, fix);
}

function locked(file: string, message: string): Finding {
  const holders = lockHolders(file);
  if (holders.length === 0) return fail(message, `find out who has it open: fuser -v ${file}`);
  const names = holders.map(({ pid, program }) => `${program} (process ${pid})`).join(', ');
  return fail(`${message}: ${names}`, 'let it finish, or end it: the server writes when the lock is gone');
}
