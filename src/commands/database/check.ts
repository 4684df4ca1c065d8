import type { Settings } from '../../config/settings-schema.ts';
import { systemClock } from '../../lib/clock-and-random.ts';
import { chooseMasterKey } from '../../oauth/keys/master-key-that-opens-stored-keys.ts';
import { findUnreadableKeys } from '../../oauth/keys/unreadable-keys.ts';
import type { Database, Inspection } from '../../storage/database.ts';
import { findOrphans } from '../../storage/find-orphans.ts';
import { describePending, pendingMigrations } from '../../storage/migrate.ts';
import { fileOfDatabase } from '../../storage/open-database-by-url.ts';
import { refuseUnusableFile } from '../../storage/sqlite/file-checks.ts';
import { StorageRefusedError } from '../../storage/storage-errors.ts';
import { usingDatabase } from '../../storage/using-database.ts';
import { CommandError } from '../command-error.ts';
import { print, say } from '../print.ts';
import { readSettings } from '../read-settings.ts';
import type { Options } from './config-and-json-options.ts';
import { refuseMissing } from './refuse-missing-or-lost-file.ts';
import { ownMigrations } from './shipped-migrations.ts';

type Checked = Pick<Inspection, 'settings' | 'findings'> & { readonly engine?: string };

/** Prints a sentence for each fault of the database, and exits with 1 where there is one. */
export async function check(options: Options): Promise<void> {
  const given = readSettings(options.config);
  refuseMissing(given.database);
  const { engine, settings, findings } = await checkDatabase(given);
  if (options.json) print({ engine, ...settings, findings }, true);
  else {
    print({ engine, ...settings, findings: findings.length }, false);
    for (const finding of findings) print(`- ${finding}`, false);
  }
  if (findings.length > 0)
    throw new CommandError(1, `${findings.length} ${findings.length === 1 ? 'finding' : 'findings'}`);
  say('The database is sound.');
}

async function checkDatabase(given: Settings): Promise<Checked> {
  try {
    const file = fileOfDatabase(given.database);
    if (file !== undefined) refuseUnusableFile(file);
    return await usingDatabase(given.database, (db) => checkOpened(db, given));
  } catch (error) {
    if (error instanceof StorageRefusedError) return { settings: {}, findings: [error.message] };
    throw error;
  }
}

async function checkOpened(db: Database, given: Settings): Promise<Checked> {
  const { engine, settings, findings } = await db.inspect();
  try {
    return { engine, settings, findings: [...findings, ...(await findingsInside(db, given))] };
  } catch (error) {
    if (error instanceof StorageRefusedError)
      return { engine, settings, findings: [...findings, error.message] };
    // The damage is reported already; the rest of the database cannot be read.
    if (findings.length > 0) return { engine, settings, findings };
    throw error;
  }
}

async function findingsInside(db: Database, given: Settings): Promise<string[]> {
  const pending = await pendingMigrations(db, await ownMigrations());
  if (pending.length > 0) return [describePending(pending)];
  const unreadable = await findUnreadableKeys(db, await chooseMasterKey(db, given));
  return [...(await findOrphans(db, systemClock.nowMs())), ...unreadable.map(({ sentence }) => sentence)];
}
