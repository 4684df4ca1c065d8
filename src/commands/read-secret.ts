/** Secrets are read from standard input. */

import { createInterface } from 'node:readline/promises';
import { checkSecret, decodeSecret } from '../lib/decode-operator-text.ts';
import { CommandError, STOPPED } from './command-error.ts';
import { namingText } from './name-text-in-error.ts';
import { say, writeMessage } from './print.ts';

/** Reads a secret: all of standard input without its last line break, or a hidden prompt on a terminal. */
export async function readSecret(what: string): Promise<string> {
  if (process.stdin.isTTY) return readTyped(what);
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  const text = namingText(`the ${what} on standard input`, () => decodeSecret(Buffer.concat(chunks)));
  if (text === '') throw new CommandError(2, `nothing came on standard input; pipe the ${what} in`);
  return text;
}

async function readTyped(what: string): Promise<string> {
  const text = await askHidden(what);
  namingText(`the ${what} that was typed`, () => checkSecret(text));
  return text;
}

/** Prompts without an echo. */
async function askHidden(what: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, terminal: true });
  const ended = new Promise<never>((_, reject) => {
    lines.once('SIGINT', () => reject(new CommandError(STOPPED, 'stopped: nothing was done')));
    lines.once('close', () => reject(new CommandError(2, `no ${what} was typed: nothing was done`)));
  });
  writeMessage(`${what}: `);
  try {
    return await Promise.race([lines.question('').catch(() => ended), ended]);
  } finally {
    lines.close();
    say('');
  }
}
