/** A grant is proven by what was spent for it, and a client that acts for itself is a word of its own. */
import { expect, it } from 'vitest';
import { clientItself, grantProven, grantProvenWithoutSpending } from '../../src/oauth/grant-proof.ts';
import type { Spent } from '../../src/storage/spend-row.ts';

it('what nothing was spent for proves no grant', () => {
  for (const looks of [undefined, null, true, 1, 'spent', {}, { spent: true }])
    expect(() => grantProven(looks as unknown as Spent, 'g'), JSON.stringify(looks)).toThrow();
});

it('a grant is proven by its id, with what the gate needs besides', () => {
  expect(grantProvenWithoutSpending('g')).toEqual({ kind: 'grant', grantId: 'g' });
  expect(grantProvenWithoutSpending('g', { nonce: 'n', generation: 0 })).toEqual({
    kind: 'grant',
    grantId: 'g',
    nonce: 'n',
    generation: 0,
  });
});

it('no missing grant stands for the client itself', () => {
  expect(grantProvenWithoutSpending('')).toEqual({ kind: 'grant', grantId: '' });
  expect(clientItself()).toEqual({ kind: 'client' });
});
