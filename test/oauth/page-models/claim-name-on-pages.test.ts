/** How a claim is named on a page. */
import { expect, it } from 'vitest';
import { showClaim } from '../../../src/oauth/page-models/claim-name-on-pages.ts';

it('a page has words of its own for standard claims alone', () => {
  expect([showClaim({ name: 'email' }), showClaim({ name: 'shoe_size' })]).toEqual([
    { claim: 'email', isStandard: true },
    { claim: 'shoe_size', isStandard: false },
  ]);
});
