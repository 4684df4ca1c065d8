import { readPemFile } from '../lib/read-pem-file.ts';
import { ConfigurationError } from './configuration-error.ts';

/** The text of a PEM file that a setting names. Throws {@link ConfigurationError}. */
export function readPem(setting: string, file: string): string {
  try {
    return readPemFile(file);
  } catch (error) {
    throw new ConfigurationError(`${setting} ${(error as Error).message}`);
  }
}
