/** A verb that prints nothing, and flags for members that its input lacks. Compiled by ../forgetful.test.ts. */
import { z } from 'zod';
import { verb } from '../../../src/admin-commands/noun-and-verb-types.ts';
import { range, rangeFlags, readPart } from '../../../src/admin-commands/read-part-of-list.ts';
import { refuse } from '../../../src/lib/outcome.ts';

const input = z.object({ toy_id: z.string(), turns: z.string().optional() });
const common = { name: 'wind', summary: 'wind it up', input } as const;

export const careful = verb({
  ...common,
  argument: 'toy_id',
  flags: [{ member: 'turns', flag: 'turns', kind: 'text', sentence: 'how often' }],
  run: async (_context, { toy_id, turns }) =>
    toy_id === '' ? refuse('not_found', 'not_found', 'there is no toy') : { toy_id, turns },
});

export const carefulList = verb({
  name: 'list',
  summary: 'all toys',
  input: z.object(range),
  flags: rangeFlags('toy_id'),
  run: (_context, { limit }) =>
    readPart({ limit, read: async () => ['bear'], keyOf: (toy) => toy, value: (toys) => toys }),
});

export const printsNothing = verb({
  ...common,
  // refused: TS2322
  run: async () => {},
});

export const printsNothingOnOneWay = verb({
  ...common,
  // refused: TS2322
  run: async (_context, { turns }) => (turns === undefined ? undefined : { turns }),
});

export const misspellsTheArgument = verb({
  ...common,
  // refused: TS2322
  argument: 'toy',
  run: async () => ({}),
});

export const misspellsAMember = verb({
  ...common,
  // refused: TS2820
  flags: [{ member: 'turn', flag: 'turns', kind: 'text', sentence: 'how often' }],
  run: async () => ({}),
});

export const listsWithoutRange = verb({
  ...common,
  // refused: TS2322
  flags: rangeFlags('toy_id'),
  run: async () => ({}),
});
