/** A database that a command begins: in its place when the command has succeeded, and without a trace where it fails. */
import { rmdirSync } from 'node:fs';
import { keepMasterKey, MasterKeyTakenError, makeDataDirectory } from '../config/file-locations.ts';
import type { Settings } from '../config/schema.ts';
import { isRefusal } from '../lib/outcome.ts';
import { moveIfMissing, removeDatabaseFile } from '../storage/sqlite/database-file.ts';
import { registerUnfinished } from '../storage/unfinished-files.ts';
import { stoppable } from './stop-signals.ts';

/** What came of it; `isOurs` is false where another process was faster, and nothing of this is kept. */
export interface Begun<Result> {
  readonly outcome: Result;
  readonly isOurs: boolean;
}

/** `run` gets settings with a database under another name, and has closed it when it resolves. */
export function createGatehouse<Result>(
  settings: Settings,
  file: string,
  run: (settings: Settings) => Promise<Result>,
): Promise<Begun<Result>> {
  const begun = `${file}.beginning-${process.pid}`;
  return stoppable(async () => {
    const folders = makeDataDirectory(settings);
    const tidy = () => {
      removeDatabaseFile(begun);
      for (const folder of folders.reverse()) removeWhereEmpty(folder);
    };
    const done = registerUnfinished(tidy);
    try {
      const outcome = await run({ ...settings, database: `sqlite:${begun}` });
      return { outcome, isOurs: isRefusal(outcome) || keep(settings, begun, file) };
    } finally {
      tidy();
      done();
    }
  });
}

/** The key first: no database without it. */
function keep(settings: Settings, begun: string, file: string): boolean {
  try {
    keepMasterKey(settings);
    moveIfMissing(begun, file);
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
    // Something is kept in it.
  }
}
