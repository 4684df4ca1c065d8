/** Every noun that an operator manages: its input can be given, and what it changes is audited. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { nouns } from '../../src/admin-commands/index.ts';
import { type Noun, verb } from '../../src/admin-commands/noun-and-verb-types.ts';

const folder = fileURLToPath(new URL('../../src/admin-commands/', import.meta.url));
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.ts'))
  .map((name) => [name, readFileSync(join(folder, name), 'utf8')] as const);

/** Members of the input that neither a flag nor the argument gives: a required one would have the verb refuse every call. */
function notGiven(among: readonly Noun[]): string[] {
  return among.flatMap(({ name, verbs }) =>
    verbs.flatMap(({ name: verbName, input, argument, flags = [] }) =>
      Object.keys(input.shape)
        .filter((member) => member !== argument && flags.every((flag) => flag.member !== member))
        .map((member) => `${name} ${verbName}: ${member}`),
    ),
  );
}

/** Flags and arguments that name no member of the input, which would drop what was given. */
function notTaken(among: readonly Noun[]): string[] {
  return among.flatMap(({ name, verbs }) =>
    verbs.flatMap(({ name: verbName, input, argument, flags = [] }) =>
      [...(argument === undefined ? [] : [argument]), ...flags.map(({ member }) => member)]
        .filter((member) => !Object.hasOwn(input.shape, member))
        .map((member) => `${name} ${verbName}: ${member}`),
    ),
  );
}

/** Members of the input with a text, at any depth, that has no maximum. */
function unbounded(among: readonly Noun[]): string[] {
  return among.flatMap(({ name, verbs }) =>
    verbs.flatMap(({ name: verbName, input }) =>
      Object.entries(input.shape)
        .filter(([, member]) => hasUnboundedText(member))
        .map(([member]) => `${name} ${verbName}: ${member}`),
    ),
  );
}

function hasUnboundedText(type: z.core.$ZodType): boolean {
  if (type instanceof z.ZodString) return type.maxLength === null;
  const within = Object.values(type._zod.def).flatMap((part) =>
    part !== null && typeof part === 'object' && !('_zod' in part) ? Object.values(part) : [part],
  );
  return within.some((part) => part instanceof z.core.$ZodType && hasUnboundedText(part));
}

/** Files that begin a transaction themselves: nothing would ask for an audit event. */
function writing(among: readonly (readonly [string, string])[]): string[] {
  return among.filter(([, text]) => /\.write\(|writeUnlessRefused/.test(text)).map(([name]) => name);
}

it('every member of an input has a flag, or is the argument', () => {
  expect(notGiven(nouns)).toEqual([]);
  const input = z.object({ toy_id: z.string(), turns: z.string(), box: z.string().optional() });
  const wind = verb({ name: 'wind', summary: '', input, argument: 'toy_id', run: async () => ({}) });
  expect(notGiven([{ name: 'toy', summary: '', verbs: [wind] }])).toEqual([
    'toy wind: turns',
    'toy wind: box',
  ]);
});

it('every text of an input has a maximum', () => {
  expect(unbounded(nouns)).toEqual([]);
  const input = z.object({
    toy_id: z.string().max(9),
    turns: z.array(z.string()).optional(),
    box: z.object({ lid: z.record(z.string(), z.unknown()) }),
    owner: z.union([z.string(), z.number()]).default(1),
  });
  const wind = verb({ name: 'wind', summary: '', input, run: async () => ({}) });
  expect(unbounded([{ name: 'toy', summary: '', verbs: [wind] }])).toEqual([
    'toy wind: turns',
    'toy wind: box',
    'toy wind: owner',
  ]);
});

it('every flag and argument names a member of the input, also where a verb is not made by verb()', () => {
  expect(notTaken(nouns)).toEqual([]);
  const flags = [{ member: 'turn', flag: 'turns', kind: 'text', sentence: '' }] as const;
  const wind = {
    name: 'wind',
    summary: '',
    input: z.object({}),
    argument: 'toy',
    flags,
    run: async () => ({}),
  };
  expect(notTaken([{ name: 'toy', summary: '', verbs: [wind] }])).toEqual([
    'toy wind: toy',
    'toy wind: turn',
  ]);
});

it('verbs write by writeAudited alone, which refuses changes without an audit event', () => {
  expect(writing(files)).toEqual(['write-only-with-audit-event.ts']);
  expect(writing([['toy.ts', 'return context.db.write(async (tx) => insertToy(tx, row));']])).toEqual([
    'toy.ts',
  ]);
});

it('only verbs that are recorded also where all was done before may change nothing', () => {
  const users = files.filter(([, text]) => /^ .*MAY_CHANGE_NOTHING/m.test(text)).map(([name]) => name);
  expect(users.toSorted()).toEqual(['grant.ts', 'session.ts', 'token.ts', 'write-only-with-audit-event.ts']);
});

it('the name of the operator comes from the context, and so is the actor of the audit events', () => {
  const asking = files.filter(([, text]) => /operatorName|userInfo\(/.test(text)).map(([name]) => name);
  // It acts where no installation is open, and is what records the events.
  expect(asking).toEqual(['audit-database-commands.ts']);
});
