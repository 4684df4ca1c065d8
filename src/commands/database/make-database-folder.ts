import { makeDataDirectory } from '../../config/make-data-directory.ts';
import type { Settings } from '../../config/settings-schema.ts';
import { explain } from '../explain-correctable-errors.ts';

/** Creates the folder of the database. Throws CommandError where it cannot. */
export function makeFolder(settings: Settings): void {
  try {
    makeDataDirectory(settings);
  } catch (error) {
    explain(error);
  }
}
