/** A client that acts for itself is a word of its own: no missing grant stands for it. */
import { expect, it } from 'vitest';
import { clientItself, grantProven } from '../../src/oauth/grant-proof.ts';

it('a grant is proven by its id, with what the gate needs besides', () => {
  expect(grantProven('g')).toEqual({ kind: 'grant', grantId: 'g' });
  expect(grantProven('g', { nonce: 'n', generation: 0 })).toEqual({
    kind: 'grant',
    grantId: 'g',
    nonce: 'n',
    generation: 0,
  });
});

it('what is carried replaces neither the kind nor the grant', () => {
  const carried = { nonce: 'n' } as const;
  expect(grantProven('', carried)).toEqual({ kind: 'grant', grantId: '', nonce: 'n' });
  expect(clientItself()).toEqual({ kind: 'client' });
  expect(clientItself()).not.toHaveProperty('grantId');
});
