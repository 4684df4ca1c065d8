/** What comes next, or how it ends, by what is so at one moment. The pages and answers of it: step-up.test.ts, select-account.test.ts. */
import { expect, it } from 'vitest';
import { password } from '../../../src/identity/factors/password.ts';
import { NOTHING_ASKED } from '../../../src/oauth/authorization/authorization-request-types.ts';
import { dispatch, isNeeded } from '../../../src/oauth/authorization/decide-next-step.ts';
import { userDenied } from '../../../src/oauth/authorization/purposes/refusals-of-uncompleted-authorization.ts';
import type { Situation } from '../../../src/oauth/authorization/situation-for-next-step.ts';
import { login } from '../../../src/oauth/authorization/steps/login.ts';
import { session, situation } from './situation-value.ts';

const PWD = 'urn:gatehouse:acr:pwd';

const told = (one: Situation) => {
  const found = dispatch(one);
  return 'next' in found ? [found.kind, found.next.step.name, found.next.reason] : [found.kind];
};
const fresh = { done: { login: { sid: 's' } } };
const strong = { acr: { essential: true, values: ['urn:example:strong'] } };

it('nothing is missing where nothing but a session is asked; without one, the sign-in', () => {
  expect(told(situation())).toEqual(['complete']);
  expect(told(situation({}, { session: undefined }))).toEqual(['page', 'login', 'no_session']);
});

it('where no app asks, no step about access is needed', () => {
  expect(told(situation({ prompt: ['consent'] }))).toEqual(['complete']);
});

it('prompt=none gets the step that would be shown', () => {
  const silent = situation({ prompt: ['none'] }, { session: undefined });
  expect(told(silent)).toEqual(['silent', 'login', 'no_session']);
});

it('a denial by the person who is signed in has precedence', () => {
  const denied = (sub: string) => ({
    done: { login: { sid: 's' }, consent: { decided: { decision: 'deny', sub } } },
  });
  expect(told(situation(strong, denied('u')))).toEqual(['denied']);
  expect(told(situation({}, denied('another')))).toEqual(['complete']);
});

it('an essential acr that nothing reaches: one more sign-in, then its end', () => {
  expect(told(situation(strong))).toEqual(['page', 'login', 'acr_not_reached']);
  expect(isNeeded(situation(strong), login)).toBe(true);
  expect(told(situation(strong, fresh))).toEqual(['out_of_reach']);
  const elsewhere = { done: { login: { sid: 'another' } } };
  expect(told(situation(strong, elsewhere))).toEqual(['page', 'login', 'acr_not_reached']);
});

it('a factor that the person has and did not use leads to its step', () => {
  const other = situation(
    { acr: { essential: true, values: [PWD] } },
    { session: { ...session, amr: ['hwk'] }, factors: [password], ...fresh },
  );
  expect(told(other)).toEqual(['page', 'login', 'acr_not_reached']);
  expect(told({ ...other, factors: [] })).toEqual(['out_of_reach']);
});

it('a voluntary step is asked for once, never with prompt=none, and is never an error', () => {
  const wish = { acr: { essential: false, values: [PWD] } };
  const weak = { session: { ...session, amr: ['hwk'] } };
  expect(told(situation(wish, weak))).toEqual(['page', 'login', 'acr_not_reached']);
  expect(told(situation({ ...wish, prompt: ['none'] }, weak))).toEqual(['complete']);
  expect(told(situation(wish, { ...weak, ...fresh }))).toEqual(['complete']);
});

it('an account that signed in or was chosen instead of the hinted one is another account; before that the user is asked', () => {
  const hint = { hinted_sub: 'another' };
  expect(told(situation(hint))).toEqual(['page', 'login', 'other_user_hinted']);
  expect(told(situation(hint, fresh))).toEqual(['other_user', 'login', 'other_user_hinted']);
  const chosen = { done: { 'select-account': { sub: 'u' } } };
  expect(told(situation(hint, chosen))).toEqual(['other_user', 'login', 'other_user_hinted']);
});

it('a request with a fault is answered after the sign-in, and asks for nothing more', () => {
  const refusal = userDenied();
  const request = { asked: { ...NOTHING_ASKED, prompt: ['login' as const] }, refusal };
  expect(told(situation({}, { request }))).toEqual(['complete']);
  expect(told(situation({}, { request, session: undefined }))).toEqual(['page', 'login', 'no_session']);
});
