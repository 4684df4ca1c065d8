import { describe, expect, it } from 'vitest';
import { misspeltWord } from '../../src/lib/nearest-word.ts';

const KNOWN = ['redirect_uris', 'client_name', 'scope', 'jwks'];

describe('a word that is taken for a slip', () => {
  it.each([
    ['redirect_uri', 'redirect_uris'],
    ['redirct_urs', 'redirect_uris'],
    ['cleint_name', 'client_name'],
    ['Client_Name', 'client_name'],
    ['scpoe', 'scope'],
    ['jwk', 'jwks'],
  ])('%s is %s', (written, meant) => {
    expect(misspeltWord(written, KNOWN)).toBe(meant);
  });

  it.each(['redirect', 'client_naming', 'scpoes', 'jw', '', 'redirect_uris', 'a'.repeat(100_000)])(
    '%.20s is a word of its own, or known',
    (written) => {
      expect(misspeltWord(written, KNOWN)).toBeUndefined();
    },
  );
});
