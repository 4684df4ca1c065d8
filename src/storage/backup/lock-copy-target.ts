import { existsSync } from 'node:fs';
import { registerUnfinished } from '../register-unfinished-files.ts';
import { removeDatabaseFile } from '../sqlite/file-operations.ts';
import { type Claim, claimDatabaseFile, serverLockOf } from '../sqlite/server-lock.ts';

export interface ClaimedTarget extends Pick<Claim, 'release'> {
  /** After a failure: removes the files that did not exist before. */
  abandon(): void;
}

const ANOTHER_TARGET = 'Stop it first, or name another target: --to sqlite:/path/to/another.db';

/**
 * Holds the lock of a database file while it is filled. A new file is removed again if the process is stopped before it is
 * complete. Throws as {@link claimDatabaseFile} does.
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
