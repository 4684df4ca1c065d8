import { remembering } from '../../admin/whole-database.ts';
import { systemClock } from '../../lib/runtime.ts';
import { claimTarget } from '../../storage/claimed-target.ts';
import { copyDatabase } from '../../storage/copy.ts';
import { StorageRefusedError } from '../../storage/database.ts';
import { claimDatabaseFile } from '../../storage/exclusive.ts';
import { engineOf, fileOfDatabase, isSameDatabase } from '../../storage/index.ts';
import { migrate } from '../../storage/migrate.ts';
import { CommandError, print, say } from '../terminal.ts';
import {
  explainStorage,
  type Options,
  ownMigrations,
  refuseMissing,
  unwritable,
  withDatabase,
} from './options.ts';

interface CopyOptions extends Options {
  readonly from: string;
  readonly to: string;
}

interface Held {
  release(): void;
  abandon?(): void;
}

/** The same subs, keys and grants afterwards; the master key must be the same too. */
export async function copy(options: CopyOptions): Promise<void> {
  const { from, to } = options;
  for (const url of [from, to]) refuseUnknownEngine(url);
  if (isSameDatabase(from, to)) throw new CommandError(2, '--from and --to name the same database');
  refuseMissing(from);
  if ([from, to].some(hasPassword)) {
    say('Others on this machine can see a password in a command: put it into PGPASSWORD or ~/.pgpass.');
  }
  const held: Held[] = [];
  try {
    held.push(...hold(from, claimDatabaseFile));
    held.push(...hold(to, claimTarget));
    const migrations = await ownMigrations();
    const counts = await withDatabase(from, (source) =>
      withDatabase(to, async (target) => {
        await migrate(target, migrations, systemClock);
        return copyDatabase(
          source,
          target,
          migrations,
          remembering('database.copied', { from: from.slice(0, from.indexOf(':')) }),
        );
      }),
    );
    if (fileOfDatabase(from) === undefined) {
      say('What a server that still runs on the source writes from now on is not in the copy.');
    }
    print({ copied: counts }, options.json === true);
  } catch (error) {
    for (const { abandon } of held) abandon?.();
    return unwritable(fileOfDatabase(to) ?? 'the target')(error);
  } finally {
    for (const { release } of held) release();
  }
}

/** A SQLite file is held while it is copied, so that no server writes to it meanwhile. */
function hold(url: string, claim: (file: string) => Held): Held[] {
  const file = fileOfDatabase(url);
  try {
    return file === undefined ? [] : [claim(file)];
  } catch (error) {
    return explainStorage(error);
  }
}

function refuseUnknownEngine(url: string): void {
  try {
    engineOf(url);
  } catch (error) {
    throw error instanceof StorageRefusedError ? new CommandError(2, error.message) : error;
  }
}

function hasPassword(url: string): boolean {
  return URL.canParse(url) && new URL(url).password !== '';
}
