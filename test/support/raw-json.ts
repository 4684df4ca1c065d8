/** JSON of every type and size as raw text, since JSON.stringify cannot write 1e400, -0 or a repeated name. */
import { type KeyObject, sign } from 'node:crypto';

export type RawMembers = Readonly<Record<string, string>>;

const DEEP = 10_000;

/** JSON texts, each with its kind. */
export const rawValues: readonly (readonly [kind: RawKind, text: string])[] = [
  ['null', 'null'],
  ['boolean', 'true'],
  ['boolean', 'false'],
  ['number', '0'],
  ['number', '-0'],
  ['number', '-1.5'],
  ['number', '9007199254740993'],
  ['infinite', '1e400'],
  ['text', '""'],
  ['text', '"x"'],
  ['half', '"\\ud800"'],
  ['text', `"${'x'.repeat(9000)}"`],
  ['nul', '"\\u0000"'],
  ['texts', '[]'],
  ['list', '[1]'],
  ['list', '[{"toString":1}]'],
  ['texts', '["x"]'],
  ['object', '{}'],
  ['object', '{"toString":1}'],
  ['object', '{"__proto__":{"x":1},"constructor":1}'],
  ['deep', `${'['.repeat(DEEP)}${']'.repeat(DEEP)}`],
  ['deep', `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`],
  ['twice', '{"a":1,"a":2}'],
];

export type RawKind =
  | 'null'
  | 'boolean'
  | 'number'
  | 'infinite'
  | 'text'
  | 'nul'
  | 'half'
  | 'list'
  | 'texts'
  | 'object'
  | 'deep'
  | 'twice';

/** The kinds that no document may hold in any member. */
export const neverKinds: readonly RawKind[] = ['half', 'deep', 'twice'];

/** Unknown members, and those that every object inherits. */
export const unknownMembers = ['unknown', '__proto__', 'constructor', 'toString', 'hasOwnProperty'];

export function rawObject(members: RawMembers): string {
  return `{${Object.entries(members)
    .map(([name, text]) => `${JSON.stringify(name)}:${text}`)
    .join(',')}}`;
}

/** The members with one added or replaced. `__proto__` becomes an ordinary member. */
export function withMember(members: RawMembers, name: string, text: string): RawMembers {
  return Object.fromEntries([...Object.entries(members).filter(([known]) => known !== name), [name, text]]);
}

/** The values as raw members, without undefined ones. */
export function rawMembers(values: Readonly<Record<string, unknown>>): RawMembers {
  const there = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(there.map(([name, value]) => [name, JSON.stringify(value)]));
}

/** A compact JWS of exactly these texts, signed with ES256. */
export function signRaw(header: string, payload: string, key: KeyObject): string {
  const text = [header, payload].map((part) => Buffer.from(part).toString('base64url')).join('.');
  const signature = sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
}

export interface RawCase {
  readonly member: string;
  readonly kind: RawKind;
  readonly text: string;
  /** Whether the member may have this kind; a member without a rule may have any. */
  readonly fits: boolean;
}

/** Every value in every member. `rules` says which kinds a member may have. */
export function casesOf(rules: Readonly<Record<string, readonly RawKind[]>>): RawCase[] {
  return [...Object.keys(rules), ...unknownMembers].flatMap((member) =>
    rawValues.map(([kind, text]) => {
      const isAllowed = Object.hasOwn(rules, member) ? rules[member]?.includes(kind) : true;
      return { member, kind, text, fits: isAllowed === true && !neverKinds.includes(kind) };
    }),
  );
}

const AT_ONCE = 16;

/** Runs several at a time, so that their writes share a commit. */
export async function forEachInBatches<Item>(
  items: readonly Item[],
  look: (item: Item, n: number) => Promise<void>,
): Promise<void> {
  for (let start = 0; start < items.length; start += AT_ONCE) {
    await Promise.all(items.slice(start, start + AT_ONCE).map((item, n) => look(item, start + n)));
  }
}
