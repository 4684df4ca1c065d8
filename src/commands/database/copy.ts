import { auditRecorder } from '../../admin-commands/audit-database-commands.ts';
import { systemClock } from '../../lib/clock-and-random.ts';
import { copyDatabase, prepareTarget } from '../../storage/backup/copy.ts';
import { claimTarget } from '../../storage/backup/lock-copy-target.ts';
import { engineOf, fileOfDatabase, isSameDatabase } from '../../storage/open-database-by-url.ts';
import { asUnavailable, asUnwritable } from '../../storage/sqlite/errors.ts';
import { claimDatabaseFile } from '../../storage/sqlite/server-lock.ts';
import { StorageRefusedError, StorageUnavailableError } from '../../storage/storage-errors.ts';
import { CommandError } from '../command-error.ts';
import { print, say } from '../print.ts';
import { readSettings } from '../read-settings.ts';
import type { Options } from './config-and-json-options.ts';
import { explainStorage } from './explain-storage-errors.ts';
import { refuseMissing } from './refuse-missing-or-lost-file.ts';
import { ownMigrations } from './shipped-migrations.ts';
import { withDatabase } from './with-database.ts';

interface CopyOptions extends Options {
  readonly from?: string;
  readonly to?: string;
}

interface Ends {
  readonly from: string;
  readonly to: string;
}

interface Claim {
  release(): void;
  abandon?(): void;
}

const STOP_IT = 'Stop it first: what it writes meanwhile would not be in the copy';
const SEE_DOCTOR = '; gatehouse doctor says more where the settings name that database';

/** Copies everything, with the same subs, keys and grants; the target needs the same master key. */
export async function copy(options: CopyOptions): Promise<void> {
  const { from, to } = endsOf(options);
  for (const url of [from, to]) refuseUnknownEngine(url);
  if (isSameDatabase(from, to)) throw new CommandError(2, '--from and --to name the same database');
  refuseMissing(from);
  if ([options.from, options.to].some(hasPassword)) {
    say(
      'Others on this machine can see a password in a command: have the settings name that database (database, or ' +
        'the file in GATEHOUSE_DATABASE_FILE), and leave it out here.',
    );
  }
  const claims: Claim[] = [];
  try {
    claims.push(...claimFile(from, (file) => claimDatabaseFile(file, STOP_IT)));
    claims.push(...claimFile(to, claimTarget));
    const migrations = await ownMigrations();
    const counts = await withDatabase(from, (source) =>
      withDatabase(to, async (target) => {
        await prepareTarget(source, target, migrations, systemClock);
        return copyDatabase(
          source,
          target,
          migrations,
          auditRecorder('database.copied', { from: from.slice(0, from.indexOf(':')) }),
        );
      }),
    );
    say(adviceAfterCopy(from));
    print({ copied: counts }, options.json === true);
  } catch (error) {
    for (const { abandon } of claims) abandon?.();
    return explainCopy(error, fileOfDatabase(to) ?? 'the target');
  } finally {
    for (const { release } of claims) release();
  }
}

/** The end that is not named is the database of the settings: a password can stay there, out of the command line. */
function endsOf({ config, from, to }: CopyOptions): Ends {
  if (from !== undefined && to !== undefined) return { from, to };
  if (from === undefined && to === undefined)
    throw new CommandError(2, 'name --from or --to; the other is the database of the settings');
  const { database } = readSettings(config);
  return { from: from ?? database, to: to ?? database };
}

/** Other commands advise to run doctor; but doctor checks the database of the settings, which may be neither end. */
function explainCopy(error: unknown, target: string): never {
  const seen = asUnavailable(asUnwritable(target, error));
  if (seen instanceof StorageUnavailableError) throw new CommandError(1, `${seen.message}${SEE_DOCTOR}`);
  return explainStorage(seen);
}

/** Advice for after the copy. The source is not marked as copied: the copy may be for a trial, and the source stays in use. */
function adviceAfterCopy(from: string): string {
  const file = fileOfDatabase(from);
  const away =
    file === undefined
      ? 'What a server that still runs on the source writes from now on is not in the copy.'
      : `Then put the source away: mv ${file} ${file}.copied`;
  return `If the copy is to be served, have the settings of the server and of every command name it: what is typed with
the old ones changes the source, and nobody who signs in notices. ${away}`;
}

/** Claims a SQLite file during the copy, so that no server writes to it. */
function claimFile(url: string, claim: (file: string) => Claim): Claim[] {
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

function hasPassword(url: string | undefined): boolean {
  return url !== undefined && URL.canParse(url) && new URL(url).password !== '';
}
