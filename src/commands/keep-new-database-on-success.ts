/** A database that a command creates: it is moved into place when the command succeeds, and removed when it fails. */
import { rmdirSync } from 'node:fs';
import { keepMasterKey, MasterKeyTakenError } from '../config/development-master-key.ts';
import { makeDataDirectory } from '../config/make-data-directory.ts';
import type { Settings } from '../config/settings-schema.ts';
import { isRefusal } from '../lib/outcome.ts';
import { registerUnfinished } from '../storage/register-unfinished-files.ts';
import { moveIfMissing, removeDatabaseFile } from '../storage/sqlite/file-operations.ts';
import { cleaningUpOnSignal } from './clean-up-on-signal.ts';

/** `isOurs` is false where another process created the database first; then nothing of this one is kept. */
export interface Created<Result> {
  readonly outcome: Result;
  readonly isOurs: boolean;
}

/** Calls `run` with settings that name a temporary database, which `run` must close before it resolves. */
export function createGatehouse<Result>(
  settings: Settings,
  file: string,
  run: (settings: Settings) => Promise<Result>,
): Promise<Created<Result>> {
  const temporary = `${file}.beginning-${process.pid}`;
  return cleaningUpOnSignal(async () => {
    const folders = makeDataDirectory(settings);
    const tidy = () => {
      removeDatabaseFile(temporary);
      for (const folder of folders.reverse()) removeWhereEmpty(folder);
    };
    const done = registerUnfinished(tidy);
    try {
      const outcome = await run({ ...settings, database: `sqlite:${temporary}` });
      return { outcome, isOurs: isRefusal(outcome) || moveIntoPlace(settings, temporary, file) };
    } finally {
      tidy();
      done();
    }
  });
}

/** Stores the master key first, so that there is never a database without it. False where another process was first. */
function moveIntoPlace(settings: Settings, temporary: string, file: string): boolean {
  try {
    keepMasterKey(settings);
    moveIfMissing(temporary, file);
    return true;
  } catch (error) {
    const isTaken =
      error instanceof MasterKeyTakenError || (error as NodeJS.ErrnoException).code === 'EEXIST';
    if (!isTaken) throw error;
    return false;
  }
}

function removeWhereEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // The folder is not empty.
  }
}
