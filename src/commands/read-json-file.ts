import { readFileSync } from 'node:fs';
import { decodeOperatorText } from '../lib/decode-operator-text.ts';
import { parseJson } from '../lib/parse-untrusted-json.ts';
import { CommandError } from './command-error.ts';
import { namingText } from './name-text-in-error.ts';
import { shown } from './print.ts';

/** A JSON object from a file, or from standard input for "-". */
export function readJsonFile(file: string): unknown {
  const name = file === '-' ? 'standard input' : shown(file);
  const text = readText(file, name);
  try {
    return parseJson(text);
  } catch (error) {
    throw new CommandError(2, `${name} is not JSON: ${(error as Error).message}`);
  }
}

function readText(file: string, name: string): string {
  return namingText(name, () => decodeOperatorText(readBytes(file, name)));
}

function readBytes(file: string, name: string): Buffer {
  try {
    return readFileSync(file === '-' ? 0 : file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // The text may contain a client_secret.
    if (/^\s*[[{]/.test(file))
      throw new CommandError(
        2,
        `what is written in the place of a file cannot be read: ${code}; ` +
          'JSON itself goes into a file, or into "-" (standard input)',
      );
    throw new CommandError(2, `${name} cannot be read: ${shown(message)}`);
  }
}
