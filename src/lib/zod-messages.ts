/** Describes an invalid value in words: what it must be, and what was seen. */
import type { z } from 'zod';

/** An issue as zod passes it to an error map, before it has a message. */
type Issue = z.core.$ZodRawIssue;
type Words = (issue: Issue) => string;

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'names with values',
  record: 'names with values',
};

const FORMATS: Readonly<Record<string, string>> = {
  url: 'an http or https URL',
  email: 'an e-mail address',
};

const LONGEST_SHOWN = 120;

/**
 * The messages for zod (`error` of a parse) for every kind of issue without a message of its own. `written` is the
 * checked value before the schema converted anything, such as text to numbers.
 */
export function faultWords(written: unknown): Words {
  return (issue) => {
    const seen = seenAt(written, issue);
    if (issue.code === 'invalid_type' && seen === undefined) return 'is missing';
    return `${requirementOf(issue)}${seenWords(issue, seen)}`;
  };
}

/** The same for a secret: only the type of the value is shown. */
export const secretFaultWords: Words = (issue) => {
  const { input } = issue;
  if (issue.code !== 'invalid_type') return requirementOf(issue);
  return input === undefined ? 'is missing' : `${requirementOf(issue)}, and is ${kindOf(input)}`;
};

/**
 * The value at the path; zod's own `input` where text was parsed as JSON on the way, so that `written` has no such
 * member.
 */
function seenAt(written: unknown, { path = [], input }: Issue): unknown {
  let value = written;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return input;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}

function seenWords({ code }: Issue, seen: unknown): string {
  // These messages already name what was seen.
  if (code === 'unrecognized_keys' || code === 'invalid_key' || seen === undefined) return '';
  if (Array.isArray(seen) && code !== 'invalid_type' && code !== 'invalid_value')
    return `, and has ${seen.length}`;
  const shown = typeof seen === 'string' ? JSON.stringify(seen) : shownAs(seen);
  return `, and is ${shown}`.slice(0, LONGEST_SHOWN);
}

function shownAs(seen: unknown): string {
  return typeof seen === 'object' ? kindOf(seen) : String(seen);
}

function kindOf(seen: unknown): string {
  if (seen === null) return 'empty';
  if (Array.isArray(seen)) return 'a list';
  return typeof seen === 'object' ? 'a group of names' : (KINDS[typeof seen] ?? typeof seen);
}

/** What the value must be. */
function requirementOf(issue: Issue | z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${KINDS[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return `must ${bound(issue.origin, 'at least', issue.minimum)}`;
    case 'too_big':
      return `must ${bound(issue.origin, 'at most', issue.maximum)}`;
    case 'invalid_format':
      return `must be ${FORMATS[issue.format] ?? `as ${issue.pattern ?? issue.format} has it`}`;
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'unrecognized_keys':
      return `has ${issue.keys.join(', ')}, which nothing here is named${knownNames(issue)}`;
    case 'invalid_union':
      return [...new Set(issue.errors.flatMap(([first]) => (first ? requirementOf(first) : [])))].join(
        ' or ',
      );
    case 'invalid_key':
      return 'is a name that nothing here may have';
    case 'invalid_element':
      return 'has an entry that cannot be used';
    case 'custom':
      return 'cannot be used';
  }
}

function bound(origin: string, word: string, limit: number | bigint): string {
  if (limit === 1 && origin !== 'number') return 'not be empty';
  if (origin === 'string') return `have ${word} ${limit} characters`;
  return origin === 'array' ? `have ${word} ${limit} entries` : `be ${word} ${limit}`;
}

function knownNames(issue: object): string {
  const shape = (issue as { readonly inst?: z.core.$ZodObject }).inst?._zod.def.shape;
  return shape === undefined ? '' : `; there are ${Object.keys(shape).join(', ')}`;
}
