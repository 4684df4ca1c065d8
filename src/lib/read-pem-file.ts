/** Files that an operator names. */
import { readFileSync } from 'node:fs';
import { decodePem, OperatorTextError } from './decode-operator-text.ts';
import { describeOwner } from './explain-file-access-error.ts';

/** Why a file cannot be used, and what to do. `otherwise` is the advice where its owner and mode are not the cause. */
export function describeUnreadable(file: string, error: unknown, otherwise: string): string {
  if (error instanceof OperatorTextError) return error.message;
  const { code } = error as NodeJS.ErrnoException;
  const whose = describeOwner(file, error as NodeJS.ErrnoException);
  const advice = whose === '' ? otherwise : 'run this as a user who may read it, or give it to this one';
  return `cannot be read (${code})${whose}; ${advice}`;
}

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
