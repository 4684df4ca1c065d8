/** Lists are read in parts: a command reads and prints a bounded number of rows, however many there are. */
import { z } from 'zod';
import { wholeNumber } from '../lib/whole-number.ts';
import type { Flag } from './noun-and-verb-types.ts';
import type { Printed } from './verb-output-types.ts';
import { Part } from './verb-output-types.ts';

const PRESET = 1000;
const LONGEST = 10_000;

/** Members of the input of every list. */
export const range = {
  limit: wholeNumber(1, LONGEST).default(PRESET),
  after: z.string().max(512).optional(),
};

/** `key` names the member of a row that --after takes. */
export function rangeFlags(key: string): readonly Flag<keyof typeof range>[] {
  return [
    { member: 'limit', flag: 'limit', kind: 'text', sentence: `how many at most (${PRESET})` },
    { member: 'after', flag: 'after', kind: 'text', sentence: `continue after this ${key}` },
  ];
}

export interface PartOf<Row> {
  readonly limit: number;
  /** Called with one more than `limit`. */
  read(limit: number): Promise<readonly Row[]>;
  keyOf(row: Row): string;
  /** What is printed for the rows. */
  value(rows: readonly Row[]): Printed | Promise<Printed>;
  warning?(rows: readonly Row[]): string | undefined;
}

/**
 * Returns at most `limit` rows, and how to list the rows after them. Reads one row more to learn whether there are any.
 */
export async function readPart<Row>({ limit, read, keyOf, value, warning }: PartOf<Row>): Promise<Part> {
  const found = await read(limit + 1);
  const rows = found.slice(0, limit);
  const last = found.length > limit ? rows.at(-1) : undefined;
  const rest = last && `add --after ${keyOf(last)}, or a greater --limit`;
  return new Part(await value(rows), rest, warning?.(rows));
}
