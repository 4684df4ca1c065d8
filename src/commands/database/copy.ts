import { systemClock } from '../../lib/runtime.ts';
import { copyDatabase } from '../../storage/copy.ts';
import { claimDatabaseFile } from '../../storage/exclusive.ts';
import { fileOfDatabase, isSameDatabase } from '../../storage/index.ts';
import { migrate } from '../../storage/migrate.ts';
import { CommandError, print, say } from '../terminal.ts';
import { explainStorage, type Options, ownMigrations, refuseMissing, withDatabase } from './options.ts';

interface CopyOptions extends Options {
  readonly from: string;
  readonly to: string;
}

/** The same subs, keys and grants afterwards; the master key must be the same too. */
export async function copy(options: CopyOptions): Promise<void> {
  const { from, to } = options;
  if (isSameDatabase(from, to)) throw new CommandError(2, '--from and --to name the same database');
  refuseMissing(from);
  if ([from, to].some(hasPassword)) {
    say('Others on this machine can see a password in a command: put it into PGPASSWORD or ~/.pgpass.');
  }
  const claims: { release(): void }[] = [];
  try {
    for (const url of [from, to]) claims.push(...claimOf(url));
    const migrations = await ownMigrations();
    const counts = await withDatabase(from, (source) =>
      withDatabase(to, async (target) => {
        await migrate(target, migrations, systemClock);
        return copyDatabase(source, target, migrations);
      }),
    );
    if (fileOfDatabase(from) === undefined) {
      say('What a server that still runs on the source writes from now on is not in the copy.');
    }
    print({ copied: counts }, options.json === true);
  } finally {
    for (const claim of claims) claim.release();
  }
}

/** A SQLite file is held while it is copied, so that no server writes to it meanwhile. */
function claimOf(url: string): { release(): void }[] {
  const file = fileOfDatabase(url);
  try {
    return file === undefined ? [] : [claimDatabaseFile(file)];
  } catch (error) {
    return explainStorage(error);
  }
}

function hasPassword(url: string): boolean {
  return URL.canParse(url) && new URL(url).password !== '';
}
