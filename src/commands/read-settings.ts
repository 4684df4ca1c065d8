/** Settings for a command, with errors that it prints. */
import { ConfigurationError } from '../config/configuration-error.ts';
import { loadSettings } from '../config/load-settings.ts';
import type { Settings } from '../config/settings-schema.ts';
import { CommandError } from './command-error.ts';

/** Throws CommandError, whose message says what is wrong and what to write instead. */
export function readSettings(configFile: string | undefined): Settings {
  try {
    return loadSettings({ configFile });
  } catch (error) {
    if (error instanceof ConfigurationError) throw new CommandError(1, error.message);
    throw error;
  }
}
