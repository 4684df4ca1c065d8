import { existsSync } from 'node:fs';
import { removeDatabaseFile } from '../sqlite/database-file.ts';
import { type Claim, claimDatabaseFile, serverLockOf } from '../sqlite/server-lock.ts';
import { registerUnfinished } from '../unfinished-files.ts';

export interface ClaimedTarget extends Pick<Claim, 'release'> {
  /** Nothing came of it: takes away what was not there before. */
  abandon(): void;
}

const ANOTHER_TARGET = 'Stop it first, or name another target: --to sqlite:/path/to/another.db';

/**
 * Holds a database file that is being filled. Where there was none before, none is there when the process is told to
 * stop half-way. Throws as {@link claimDatabaseFile} does.
 */
export function claimTarget(file: string): ClaimedTarget {
  const isLockOurs = !existsSync(serverLockOf(file));
  const claim = claimDatabaseFile(file, ANOTHER_TARGET);
  const isOurs = !existsSync(file);
  const abandon = () => {
    if (isOurs) removeDatabaseFile(file);
    if (isOurs && isLockOurs) removeDatabaseFile(serverLockOf(file));
  };
  const done = registerUnfinished(abandon);
  return {
    abandon,
    release() {
      done();
      claim.release();
    },
  };
}
