/** Data goes to standard output, talk to standard error; secrets come in by standard input. */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { Lines } from '../admin/said.ts';
import { escapeControls, escapeControlsInLines } from '../lib/control-characters.ts';
import { parseJson } from '../lib/json-text.ts';

/** A command cannot go on; the exit code says which kind of failure it is. */
export class CommandError extends Error {
  readonly exitCode: ExitCode;
  constructor(exitCode: ExitCode, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** 0 ok, 1 failed, 2 usage, 3 not found, 4 conflict. */
export type ExitCode = 0 | 1 | 2 | 3 | 4;

/** Talk, of one line or several; what strangers wrote in it is put in by {@link shown}. */
export function say(text: string): void {
  writeTalk(`${text}\n`);
}

export function writeTalk(text: string): void {
  process.stderr.write(escapeControlsInLines(text));
}

/** Data, of one line or several. */
export function writeData(text: string): void {
  process.stdout.write(escapeControlsInLines(text));
}

/** Anything as the part of one line. */
export function shown(value: unknown): string {
  return escapeControls(String(value));
}

/** One JSON value, or the same for people. */
export function print(value: unknown, asJson: boolean): void {
  writeData(asJson ? `${JSON.stringify(value, undefined, 2)}\n` : `${forPeople(value)}\n`);
}

/** All of standard input without its last line break. */
export async function readSecret(what: string): Promise<string> {
  if (process.stdin.isTTY) return askHidden(what);
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '');
  if (text === '') throw new CommandError(2, `nothing came on standard input; pipe the ${what} in`);
  return text;
}

/** Nothing that is typed is shown. */
async function askHidden(what: string): Promise<string> {
  writeTalk(`${what}: `);
  const lines = createInterface({ input: process.stdin, terminal: true });
  const answer = await lines.question('');
  lines.close();
  say('');
  return answer;
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
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    const advice = /^\s*[[{]/.test(file)
      ? '; JSON itself goes into a file, or into "-" (standard input)'
      : '';
    throw new CommandError(2, `${name} cannot be read: ${shown((error as Error).message)}${advice}`);
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
