/** Data goes to standard output, messages go to standard error; secrets are read from standard input. */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { Lines } from '../admin/output-notice-and-lines.ts';
import { escapeControls, escapeControlsInLines } from '../lib/control-characters.ts';
import { parseJson } from '../lib/json-text.ts';
import { checkSecret, decodeOperatorText, decodeSecret, OperatorTextError } from '../lib/operator-text.ts';

/** The command cannot continue; the exit code is the kind of failure. */
export class CommandError extends Error {
  readonly exitCode: ExitCode;
  constructor(exitCode: ExitCode, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** 128 plus the number of SIGINT, as shells expect. */
const STOPPED = 130;

/** 0 ok, 1 failed, 2 usage, 3 not found, 4 conflict; stopped by Ctrl+C. */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | typeof STOPPED;

/** Prints a message of one or more lines. Text from outside must pass through {@link shown} first. */
export function say(text: string): void {
  writeMessage(`${text}\n`);
}

/** Writes to standard error without adding a line break, as a prompt needs. Control characters are escaped. */
export function writeMessage(text: string): void {
  process.stderr.write(escapeControlsInLines(text));
}

/** Writes data of one or more lines to standard output. Control characters are escaped. */
export function writeData(text: string): void {
  process.stdout.write(escapeControlsInLines(text));
}

/** Any value as text within one line: control characters and line breaks are escaped. */
export function shown(value: unknown): string {
  return escapeControls(String(value));
}

/** Prints the value as JSON, or as a table for people. */
export function print(value: unknown, asJson: boolean): void {
  writeData(asJson ? `${JSON.stringify(value, undefined, 2)}\n` : `${forPeople(value)}\n`);
}

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

/** Runs `read`; an error about its text becomes a CommandError that names the text as `what`. */
export function namingText<Result>(what: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    throw error instanceof OperatorTextError ? new CommandError(2, `${what} ${error.message}`) : error;
  }
}

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

function forPeople(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? '(none)' : value.map(forPeople).join('\n\n');
  if (typeof value !== 'object' || value === null) return shown(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined && member !== null);
  const rows = members.filter(([, member]) => !(member instanceof Lines));
  const width = Math.max(0, ...rows.map(([name]) => name.length));
  const table = rows.map(([name, member]) => `${shown(name).padEnd(width)}  ${shown(textOf(member))}`);
  const below = members.map(([name, member]) =>
    member instanceof Lines ? [`\n${shown(name)}:\n\n${member.text.trimEnd()}`] : [],
  );
  return [...table, ...below.flat()].join('\n');
}

function textOf(member: unknown): string {
  if (Array.isArray(member) && member.every((item) => typeof item === 'string')) return member.join(' ');
  return typeof member === 'object' ? JSON.stringify(member) : String(member);
}
