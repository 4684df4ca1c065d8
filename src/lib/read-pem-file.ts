/** PEM files that an operator names. */
import { readFileSync } from 'node:fs';
import { decodePem, OperatorTextError } from './decode-operator-text.ts';
import { describeUnreadable } from './explain-file-access-error.ts';

/**
 * The text of a PEM file that a setting names. Throws {@link OperatorTextError}, whose message continues the name of
 * the setting.
 */
export function readPemFile(file: string): string {
  try {
    return decodePem(readFileSync(file));
  } catch (error) {
    const shown = /-----BEGIN|[\r\n]/.test(file) ? 'the text of a PEM itself' : file;
    throw new OperatorTextError(
      `names ${shown}, which ${describeUnreadable(file, error, 'name a PEM file')}`,
    );
  }
}
