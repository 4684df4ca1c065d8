import { expect, it } from 'vitest';
import { consent } from '../../../../src/oauth/authorization/steps/consent.ts';
import {
  doneIn,
  NOTHING_DONE,
  remainingOf,
  withDone,
  withoutDone,
} from '../../../../src/oauth/authorization/steps/done-steps.ts';
import { steps } from '../../../../src/oauth/authorization/steps/index.ts';
import { login } from '../../../../src/oauth/authorization/steps/login.ts';

it('a step reads what it stored, and nothing in a shape that it does not know', () => {
  expect(doneIn(withDone(NOTHING_DONE, login, { sid: 's' }), login)).toEqual({ sid: 's' });
  for (const stored of [undefined, null, {}, { sid: 1 }, 's', ['s'], true]) {
    expect(doneIn({ login: stored }, login)).toBeUndefined();
  }
  expect(doneIn({ consent: { decided: { decision: 'perhaps', sub: 'u' } } }, consent)).toBeUndefined();
});

it('what a step stores takes the place of what it stored before, and of nothing else', () => {
  const before = { login: { sid: 's' }, other: 1 };
  expect(withDone(before, login, { sid: 't' })).toEqual({ login: { sid: 't' }, other: 1 });
  expect(withoutDone(before, login)).toEqual({ other: 1 });
});

it('where it begins anew, what was added to a consent stays and nothing else', () => {
  const added = { sub: 'u', access: { scope: ['openid'] } };
  const done = {
    login: { sid: 's' },
    'select-account': { sub: 'u' },
    consent: { decided: { decision: 'allow', sub: 'u' }, added },
    unknown: 1,
  };
  expect(remainingOf(done, steps)).toEqual({ consent: { added } });
  expect(remainingOf({ consent: { decided: { decision: 'deny', sub: 'u' } } }, steps)).toEqual({});
});
