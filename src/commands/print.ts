/** Data goes to standard output, messages go to standard error. */
import { Lines } from '../admin-commands/verb-output-types.ts';
import { escapeControls, escapeControlsInLines } from '../lib/escape-control-characters.ts';

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
