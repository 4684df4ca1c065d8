/** A function asks for the members of a context that it uses, so that its type says what it can touch. */
import { describe, expect, it } from 'vitest';
import { files } from './source-files.ts';

/** The files that name a whole context, and why. */
const WHOLE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  IdentityContext: {
    'oauth/context.ts': 'OAuthContext has all its members',
  },
  OAuthContext: {
    'admin-commands/noun-and-verb-types.ts': 'each row of the table of commands takes what it needs',
    'gatehouse.ts': 'makes the members',
    'http/context.ts': 'each row of the tables of endpoints and pages takes what it needs',
  },
};

/** Whether the text names the context other than to take members of it, or to import it. */
function namesWhole(text: string, context: string): boolean {
  const code = text
    .replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
    .replaceAll(/^import[^;]*;/gm, '')
    .replaceAll(new RegExp(`\\bPick<\\s*${context}\\b|\\b${context}\\[|\\binterface ${context}\\b`, 'g'), '');
  return new RegExp(`\\b${context}\\b`).test(code);
}

describe.each(Object.entries(WHOLE))('%s', (context, reasons) => {
  it('is named whole only in the files that are listed here with a reason', () => {
    const naming = files.filter(({ text }) => namesWhole(text, context)).map(({ path }) => path);
    expect(naming.sort()).toEqual(Object.keys(reasons));
  });
});

it.each([
  ['(context: OAuthContext) => 1', true],
  ['(context: Readonly<OAuthContext>) => 1', true],
  ['type All = Omit<OAuthContext, "db">', true],
  ["(context: Pick<OAuthContext, 'db'>) => 1", false],
  ["(context: Pick<\n  OAuthContext,\n  'db'\n>) => 1", false],
  ["(db: OAuthContext['db']) => 1", false],
  ["import type { OAuthContext } from './context.ts';", false],
])('%s names the whole context: %s', (text, isWhole) => {
  expect(namesWhole(text, 'OAuthContext')).toBe(isWhole);
});
