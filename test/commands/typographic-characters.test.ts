import { expect, it } from 'vitest';
import { refuseChangedWords } from '../../src/commands/typographic-characters.ts';

const said = (...words: string[]) => {
  try {
    refuseChangedWords(words);
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};

it.each(['–username', '—username', '−username', '–-username', '‐‐username'])(
  '%s is told from --username',
  (word) => {
    expect(said('user', 'create', word, 'bob')).toBe(
      'word 3 after gatehouse begins with a dash, which is no hyphen; write --username',
    );
  },
);

it('a printed quotation mark that the shell did not take for one is named', () => {
  expect(said('client', 'create', '--name', '“My', 'App”')).toBe(
    `word 4 after gatehouse begins with a printed quotation mark; write straight ones: "…" or '…'`,
  );
});

it.each([
  ['--name', '“My App”'],
  ['--name', '–dash'],
  ['--name', '’s-Hertogenbosch'],
  ['--username', '-x'],
  ['--', '-'],
])('%s %s is taken as it is', (...words) => {
  expect(said('client', 'create', ...words)).toBe('');
});
