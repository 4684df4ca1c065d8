/** Files that an operator names. */
import { readFileSync } from 'node:fs';
import { decodePem, WrittenTextError } from './operator-text.ts';
import { whoseItIs } from './path-owner.ts';

/** Why a file cannot be used, and what to do: `otherwise` where it is there to be read, or not somebody else's. */
export function unusable(file: string, error: unknown, otherwise: string): string {
  if (error instanceof WrittenTextError) return error.message;
  const { code } = error as NodeJS.ErrnoException;
  const whose = whoseItIs(file, error as NodeJS.ErrnoException);
  const advice = whose === '' ? otherwise : 'run this as a user who may read it, or give it to this one';
  return `cannot be read (${code})${whose}; ${advice}`;
}

/** The text of a PEM file that a setting names. Throws {@link WrittenTextError}, which goes on behind the setting. */
export function readPemFile(file: string): string {
  try {
    return decodePem(readFileSync(file));
  } catch (error) {
    const shown = /-----BEGIN|[\r\n]/.test(file) ? 'the text of a PEM itself' : file;
    throw new WrittenTextError(`names ${shown}, which ${unusable(file, error, 'name a PEM file')}`);
  }
}
