import { expect, it } from 'vitest';
import {
  ANOTHER_ACCOUNT,
  selection,
  selectionIn,
} from '../../../../src/oauth/authorization/steps/read-selected-account.ts';

it('a chosen account, "another one" and no choice are distinguished', () => {
  expect(selectionIn({ [selection.name]: { sub: 'u' } })).toBe('u');
  expect(selectionIn({ [selection.name]: { sub: ANOTHER_ACCOUNT } })).toBe(ANOTHER_ACCOUNT);
  expect(selectionIn({})).toBeUndefined();
  expect(selectionIn({ login: { sub: 'u' } })).toBeUndefined();
});

it('a choice in a shape that the step does not know is none', () => {
  for (const stored of [null, 'u', ['u'], {}, { sub: null }, { sub: 1 }, { sid: 'u' }])
    expect(selectionIn({ [selection.name]: stored }), JSON.stringify(stored)).toBeUndefined();
});
