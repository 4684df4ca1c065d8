/** The house for a command: it works beside a running server. */
import { pino } from 'pino';
import { ConfigurationError, loadSettings } from '../config/load.ts';
import type { Settings } from '../config/schema.ts';
import type { House } from '../gatehouse.ts';
import { createLog } from '../lib/log.ts';
import { StorageRefusedError } from '../storage/database.ts';
import { CommandError } from './terminal.ts';

/** Throws CommandError with what is wrong and what to write instead. */
export function readSettings(configFile: string | undefined): Settings {
  try {
    return loadSettings({ configFile });
  } catch (error) {
    if (error instanceof ConfigurationError) throw new CommandError(1, error.message);
    throw error;
  }
}

/** Opens the house, runs, closes it. */
export async function withHouse<Result>(
  configFile: string | undefined,
  act: (house: House) => Promise<Result>,
): Promise<Result> {
  const settings = readSettings(configFile);
  const { openHouse } = await import('../gatehouse.ts');
  const log = createLog({ level: 'warn' }, pino.destination(2));
  const house = await openHouse(settings, { log }).catch(explain);
  try {
    return await act(house);
  } finally {
    await house.close();
  }
}

/** A database that cannot be used is an operator's matter, not a stack. */
export function explain(error: unknown): never {
  if (error instanceof StorageRefusedError || error instanceof ConfigurationError)
    throw new CommandError(1, error.message);
  throw error;
}
