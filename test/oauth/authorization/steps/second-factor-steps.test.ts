import { afterAll, expect, it } from 'vitest';
import type { Factor } from '../../../../src/identity/factors/factor.ts';
import { factors } from '../../../../src/identity/factors/index.ts';
import { createCodeFactor } from '../../../identity/code-factor.ts';

afterAll(() => void (factors as Factor[]).pop());

it('each second factor of the table has its step, after the sign-in and before the consent', async () => {
  (factors as Factor[]).push(createCodeFactor());
  // The table of steps is made of the factors that there are when it is loaded.
  const { steps } = await import('../../../../src/oauth/authorization/steps/index.ts');
  const ofSecondFactors = factors.filter(({ comes }) => comes === 'second').map(({ step }) => step);
  expect(ofSecondFactors).toContain('code');
  expect(steps.map(({ name }) => name)).toEqual(['select-account', 'login', ...ofSecondFactors, 'consent']);
});
