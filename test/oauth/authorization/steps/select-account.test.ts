/** Whether an account has to be chosen. The same through its page: test/oauth/page-models/select-account.test.ts */
import { expect, it } from 'vitest';
import type { Asked } from '../../../../src/oauth/authorization/authorization-request-types.ts';
import type { Situation } from '../../../../src/oauth/authorization/situation-for-next-step.ts';
import { selectAccount } from '../../../../src/oauth/authorization/steps/select-account.ts';
import { NOTHING_NEEDED } from '../../../../src/oauth/authorization/steps/step.ts';
import { session, situation } from '../situation-value.ts';

const need = (asked: Partial<Asked> = {}, more: Partial<Situation> = {}) => {
  const told = selectAccount.needed(situation(asked, more));
  return told === NOTHING_NEEDED ? told : told.reason;
};
const prompt = ['select_account'] as const;
const nobody = { session: undefined };

it('Z18 is needed where the request asks for it, until one is chosen or signs in', () => {
  expect(need()).toBe(NOTHING_NEEDED);
  expect(need({ prompt: ['login', 'consent'] })).toBe(NOTHING_NEEDED);
  expect(need({ prompt })).toBe('prompt_select_account');
  expect(need({ prompt }, { done: { 'select-account': { sub: session.sub } } })).toBe(NOTHING_NEEDED);
  expect(need({ prompt }, { done: { 'select-account': { sub: '' } } })).toBe(NOTHING_NEEDED);
  expect(need({ prompt }, { done: { login: { sid: session.sid } } })).toBe(NOTHING_NEEDED);
});

it('a choice of another account, or a sign-in in another window, is no choice of this account', () => {
  expect(need({ prompt }, { done: { 'select-account': { sub: 'another' } } })).toBe('prompt_select_account');
  expect(need({ prompt }, { done: { 'select-account': { sub: 1 } } })).toBe('prompt_select_account');
  expect(need({ prompt }, { done: { login: { sid: 'another' } } })).toBe('prompt_select_account');
});

it('no choice is asked for where no user is signed in', () => {
  expect(need({ prompt }, nobody)).toBe(NOTHING_NEEDED);
});

it('where none is active and others wait, one is chosen, unless the request hints at who it is', () => {
  const others = { ...nobody, otherAccounts: 1 };
  expect(need({}, others)).toBe('no_active_account');
  expect(need({ prompt }, others)).toBe('no_active_account');
  expect(need({ hinted_sub: 'another' }, others)).toBe(NOTHING_NEEDED);
  expect(need({}, { ...others, done: { 'select-account': { sub: '' } } })).toBe(NOTHING_NEEDED);
});
