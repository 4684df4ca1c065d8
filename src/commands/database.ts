import { Command } from 'commander';
import { systemClock } from '../lib/runtime.ts';
import type { Database } from '../storage/database.ts';
import { openDatabase } from '../storage/index.ts';
import { migrate, pendingMigrations, readMigrations } from '../storage/migrate.ts';
import { explain, readSettings } from './open.ts';
import { CommandError, print } from './terminal.ts';

interface Options {
  readonly config?: string;
  readonly json?: boolean;
  readonly dryRun?: boolean;
}

export function databaseCommand(): Command {
  const command = new Command('database').description('the database itself');
  command
    .command('migrate')
    .description('apply what is pending')
    .option('--dry-run', 'only say what would be applied')
    .option('--json', 'print one JSON value')
    .action((_options, verb: Command) => withDatabase(verb.optsWithGlobals(), runMigrations));
  command
    .command('check')
    .description('integrity, foreign keys and settings')
    .option('--json', 'print one JSON value')
    .action((_options, verb: Command) => withDatabase(verb.optsWithGlobals(), check));
  return command;
}

async function withDatabase(
  options: Options,
  act: (db: Database, options: Options) => Promise<void>,
): Promise<void> {
  const db = openOrExplain(readSettings(options.config).database);
  try {
    await act(db, options).catch(explain);
  } finally {
    await db.close();
  }
}

function openOrExplain(url: string): Database {
  try {
    return openDatabase(url);
  } catch (error) {
    return explain(error);
  }
}

async function runMigrations(db: Database, options: Options): Promise<void> {
  const { migrationsDirectory } = await import('../gatehouse.ts');
  const migrations = readMigrations(migrationsDirectory);
  const pending = (await pendingMigrations(db, migrations)).map((migration) => migration.name);
  if (options.dryRun) return print({ pending }, options.json === true);
  print({ applied: await migrate(db, migrations, systemClock) }, options.json === true);
}

async function check(db: Database, options: Options): Promise<void> {
  const { engine, settings, findings } = await db.inspect();
  print({ engine, ...settings, findings }, options.json === true);
  if (findings.length > 0) throw new CommandError(1, `${findings.length} findings; restore a backup`);
}
