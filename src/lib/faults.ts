/** What is wrong with a value that somebody wrote, in words: what it must be, and what was seen. */
import type { z } from 'zod';

/** The parts of zod's issues that are used here. */
type Issue = z.core.$ZodIssue;

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'names with values',
  record: 'names with values',
};

/** `input` is what was checked; without it the value is not shown, as where it is a secret. */
export function describeFault(issue: Issue, input?: unknown): string {
  const seen = issue.path.reduce<unknown>(
    (value, key) => (value as Record<PropertyKey, unknown>)?.[key],
    input,
  );
  const wished = wish(issue);
  // Of a kind that has a sentence of its own.
  if (wished === undefined) return issue.message;
  if (issue.code === 'invalid_type' && seen === undefined && input !== undefined) return 'is missing';
  const shown = seen === undefined || typeof seen === 'object' ? '' : `, and is ${JSON.stringify(seen)}`;
  return `${wished}${shown.slice(0, 120)}`;
}

function wish(issue: Issue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${KINDS[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return `must ${bound(issue.origin, 'at least', issue.minimum)}`;
    case 'too_big':
      return `must ${bound(issue.origin, 'at most', issue.maximum)}`;
    default:
      return undefined;
  }
}

function bound(origin: string, word: string, limit: number | bigint): string {
  if (origin === 'string') return `have ${word} ${limit} characters`;
  return origin === 'array' ? `have ${word} ${limit} entries` : `be ${word} ${limit}`;
}
