/** How an authorization is refused that ends without what was asked. RFC 6749 §4.1.2.1, OpenID Connect Core §3.1.2.6 */
import { expect, it } from 'vitest';
import { isRefusal } from '../../../../src/lib/outcome.ts';
import {
  acrNotReached,
  userDenied,
  wouldHaveToAct,
} from '../../../../src/oauth/authorization/purposes/refusals-of-uncompleted-authorization.ts';
import { steps } from '../../../../src/oauth/authorization/steps/index.ts';
import { stepsOfSecondFactors } from '../../../../src/oauth/authorization/steps/second-factor-steps.ts';

it('a denial and an acr that is out of reach have each its error', () => {
  expect(userDenied()).toMatchObject({ refused: true, error: 'access_denied', reason: 'user_denied' });
  expect(acrNotReached()).toMatchObject({
    refused: true,
    error: 'unmet_authentication_requirements',
    reason: 'acr_not_reached',
  });
});

it('a step that would have to be shown has its own error, which the app can act on, and its reason', () => {
  const told = steps.map((step) => wouldHaveToAct({ step, reason: step.reasons[0] ?? 'no_session' }));
  expect(told.every(isRefusal)).toBe(true);
  expect(told.map(({ error }) => error)).toEqual([
    'account_selection_required',
    'login_required',
    ...stepsOfSecondFactors.map(() => 'login_required'),
    'consent_required',
  ]);
  expect(told.map(({ reason }) => reason)).toEqual(steps.map((step) => step.reasons[0]));
});

it('the answer is the same for every user: it names none', () => {
  const [first, ...others] = steps.map((step) => wouldHaveToAct({ step, reason: 'no_session' }).description);
  expect(new Set(others)).toEqual(new Set([first]));
});
