/** Opens the installation for a command, beside a running server, or creates it. */
import { dirname } from 'node:path';
import { pino } from 'pino';
import { keepMasterKey } from '../config/development-master-key.ts';
import { operatorName } from '../config/operator-running-command.ts';
import type { Settings } from '../config/settings-schema.ts';
import type { Gatehouse } from '../gatehouse.ts';
import { createLog } from '../lib/log.ts';
import { isRefusal } from '../lib/outcome.ts';
import type { MigrationPolicy } from '../storage/migrate.ts';
import { fileOfDatabase } from '../storage/open-database-by-url.ts';
import { bytesOf, refuseLostFile, refuseMissingFile } from '../storage/sqlite/file-checks.ts';
import { CommandError } from './command-error.ts';
import { explain } from './explain-correctable-errors.ts';
import { createGatehouse } from './keep-new-database-on-success.ts';
import { say } from './print.ts';
import { readSettings } from './read-settings.ts';

/** With the name that its audit events have as their actor. */
type Act<Result> = (gatehouse: Gatehouse & { readonly operator: string }) => Promise<Result>;

/** Opens the existing installation, runs `act` and closes it. */
export async function withGatehouse<Result>(
  configFile: string | undefined,
  act: Act<Result>,
): Promise<Result> {
  return withGatehouseOf(readSettings(configFile), act);
}

/**
 * As {@link withGatehouse}, with settings that were read before. Throws CommandError where there is no database (exit code
 * 3), or it cannot be used (1).
 */
export async function withGatehouseOf<Result>(settings: Settings, act: Act<Result>): Promise<Result> {
  const file = fileOfDatabase(settings.database);
  try {
    if (file !== undefined) refuseMissingFile(file);
    return await runInGatehouse(settings, 'never', act);
  } catch (error) {
    return explain(error);
  }
}

/** Another process may store the key first and then the database; after that both are there. */
const CREATING_ATTEMPTS = 3;

/** As {@link withGatehouse}, but creates the installation where there is none; it is kept where `act` succeeds. */
export async function withNewGatehouse<Result>(
  configFile: string | undefined,
  act: Act<Result>,
  attempts = CREATING_ATTEMPTS,
): Promise<Result> {
  const settings = readSettings(configFile);
  const file = fileOfDatabase(settings.database);
  try {
    if (file === undefined) return await runInEmptyGatehouse(settings, act);
    if (bytesOf(file) !== undefined)
      return await runInEmptyGatehouse(withStoredKey(configFile, settings), act);
    refuseLostFile(file);
    const { outcome, isOurs } = await createGatehouse(settings, file, (own) =>
      runInGatehouse(own, 'empty', act),
    );
    if (!isOurs && attempts === 1) throw new CommandError(1, notCreated(file));
    if (!isOurs) return await withNewGatehouse(configFile, act, attempts - 1);
    // In the wrong folder the command would otherwise look as if it had changed the intended database.
    if (!isRefusal(outcome)) say(`There was no database yet: this began ${file}`);
    return outcome;
  } catch (error) {
    return explain(error);
  }
}

function notCreated(file: string): string {
  return (
    `${file} cannot be created: it or its master key was there each time, and could not be read. Is one of them ` +
    `a link to a file that is gone (ls -l ${dirname(file)})? Mend or remove the link, and run the command again`
  );
}

/** The key is stored before the database: where another process made both since the settings were read, it is there by now. */
function withStoredKey(configFile: string | undefined, settings: Settings): Settings {
  return settings.newMasterKey === undefined ? settings : readSettings(configFile);
}

/** The database exists, and may be empty. */
async function runInEmptyGatehouse<Result>(settings: Settings, act: Act<Result>): Promise<Result> {
  const outcome = await runInGatehouse(settings, 'empty', act);
  if (!isRefusal(outcome)) keepMasterKey(settings);
  return outcome;
}

async function runInGatehouse<Result>(
  settings: Settings,
  migrating: MigrationPolicy,
  act: Act<Result>,
): Promise<Result> {
  const { openGatehouse } = await import('../gatehouse.ts');
  const log = createLog({ level: 'warn' }, pino.destination(2));
  const operator = operatorName();
  const gatehouse = await openGatehouse(settings, { log, actor: operator }, { migrating });
  try {
    return await act({ ...gatehouse, operator });
  } finally {
    await gatehouse.close();
  }
}
