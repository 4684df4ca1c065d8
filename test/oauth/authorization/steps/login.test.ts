/** Whether somebody has to sign in. OpenID Connect Core §3.1.2.1, §3.1.2.3. The same through its pages: ../windows.test.ts */
import { describe, expect, it } from 'vitest';
import type { Asked } from '../../../../src/oauth/authorization/authorization-request-types.ts';
import type { Situation } from '../../../../src/oauth/authorization/situation-for-next-step.ts';
import { isFreshLogin, login } from '../../../../src/oauth/authorization/steps/login.ts';
import { ANOTHER_ACCOUNT } from '../../../../src/oauth/authorization/steps/read-selected-account.ts';
import { NOTHING_NEEDED } from '../../../../src/oauth/authorization/steps/step.ts';
import { NOW, session, situation } from '../situation-value.ts';

const need = (asked: Partial<Asked> = {}, more: Partial<Situation> = {}) => {
  const told = login.needed(situation(asked, more));
  return told === NOTHING_NEEDED ? told : told.reason;
};
const fresh = { login: { sid: session.sid } };
const signedInAt = (authTimeMs: number) => ({ session: { ...session, authTimeMs } });

it('is needed without a session, and not with one', () => {
  expect(need({}, { session: undefined })).toBe('no_session');
  expect(need()).toBe(NOTHING_NEEDED);
});

it('Z21 is needed where another person is hinted at, though they just signed in', () => {
  expect(need({ hinted_sub: 'another' })).toBe('other_user_hinted');
  expect(need({ hinted_sub: 'another' }, { done: fresh })).toBe('other_user_hinted');
  expect(need({ hinted_sub: session.sub })).toBe(NOTHING_NEEDED);
});

describe('Z20 max_age', () => {
  it('counts from the second in auth_time, and expires in the millisecond in which it ends', () => {
    const at = NOW - 10_000;
    expect(need({ max_age: 10 }, signedInAt(at + 1000))).toBe(NOTHING_NEEDED);
    expect(need({ max_age: 10 }, signedInAt(at + 999))).toBe('max_age_exceeded');
    expect(need({ max_age: 10 }, { ...signedInAt(at), nowMs: NOW - 1 })).toBe(NOTHING_NEEDED);
    expect(need({ max_age: 10 }, signedInAt(at))).toBe('max_age_exceeded');
  });

  it('of 0 asks anew, and who signed in for it has two minutes to consent', () => {
    expect(need({ max_age: 0 }, signedInAt(NOW))).toBe('max_age_exceeded');
    expect(need({ max_age: 0 }, { ...signedInAt(NOW), done: fresh })).toBe(NOTHING_NEEDED);
    const late = { ...signedInAt(NOW - 120_000), done: fresh };
    expect(need({ max_age: 0 }, { ...late, nowMs: NOW - 1 })).toBe(NOTHING_NEEDED);
    expect(need({ max_age: 0 }, late)).toBe('max_age_exceeded');
    expect(need({ max_age: 121 }, late)).toBe(NOTHING_NEEDED);
  });

  it('is not met by a sign-in of a clock that was ahead', () => {
    expect(need({ max_age: 86_400 }, signedInAt(NOW + 3_600_000))).toBe('max_age_exceeded');
    expect(need({}, signedInAt(NOW + 3_600_000))).toBe(NOTHING_NEEDED);
  });
});

it('Z19 prompt=login is answered by a sign-in in this interaction and by no other', () => {
  expect(need({ prompt: ['login'] })).toBe('prompt_login');
  expect(need({ prompt: ['login'] }, { done: { login: { sid: 'another' } } })).toBe('prompt_login');
  expect(need({ prompt: ['login'] }, { done: fresh })).toBe(NOTHING_NEEDED);
  expect(need({ prompt: ['consent', 'select_account'] })).toBe(NOTHING_NEEDED);
});

it('another account, chosen by the person, has to sign in', () => {
  const another = { 'select-account': { sub: ANOTHER_ACCOUNT } };
  expect(need({}, { done: another })).toBe('another_account');
  expect(need({}, { done: { ...another, ...fresh } })).toBe(NOTHING_NEEDED);
  expect(need({}, { done: { 'select-account': { sub: session.sub } } })).toBe(NOTHING_NEEDED);
});

it('a sign-in is fresh by the session that it began, never without one', () => {
  expect(isFreshLogin({ session, done: fresh })).toBe(true);
  expect(isFreshLogin({ session: { ...session, sid: 'later' }, done: fresh })).toBe(false);
  expect(isFreshLogin({ session: undefined, done: fresh })).toBe(false);
  for (const stored of [undefined, null, {}, { sid: 1 }, session.sid])
    expect(isFreshLogin({ session, done: { login: stored } })).toBe(false);
});
