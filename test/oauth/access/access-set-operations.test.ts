/** What is asked, allowed and granted, as one value. */
import { describe, expect, it } from 'vitest';
import {
  accessTo,
  isNothing,
  isWithin,
  NO_ACCESS,
  narrow,
  union,
  without,
} from '../../../src/oauth/access/access-set-operations.ts';
import { describeAccess } from '../../../src/oauth/access/describe-access-for-operators.ts';
import { accessMembers } from '../../../src/oauth/access/members/index.ts';
import { claimsNamed } from '../../../src/oauth/access/members/individual-claims.ts';
import { API, full } from './access-value.ts';

const names = Object.keys(accessMembers) as (keyof typeof accessMembers)[];

describe('what is wanted', () => {
  it('is within what is allowed where every member is', () => {
    expect(isWithin(full, full)).toBe(true);
    expect(isWithin(NO_ACCESS, NO_ACCESS)).toBe(true);
    expect(isWithin(NO_ACCESS, full)).toBe(true);
  });

  it.each(names)('is not within it where only %s is not', (name) => {
    expect(isWithin(full, { ...full, [name]: [] })).toBe(false);
    expect(isWithin({ ...NO_ACCESS, [name]: full[name] }, NO_ACCESS)).toBe(false);
  });

  it('is compared by what it stands for: a resource by its other spelling, a claim by its name', () => {
    expect(isWithin(accessTo({ resources: [`${API}/`] }), full)).toBe(true);
    expect(isWithin(accessTo({ resources: [`${API}/a`] }), full)).toBe(false);
    expect(isWithin(accessTo({ claims: [{ name: 'name', userinfo: { value: 'Alice' } }] }), full)).toBe(true);
    expect(isWithin(accessTo({ scope: ['Email'] }), full)).toBe(false);
  });
});

describe('two of them', () => {
  const other = accessTo({
    scope: ['email', 'phone'],
    resources: [`${API}/`],
    claims: claimsNamed(['nickname']),
  });

  it('together hold each item once, as the first has it', () => {
    expect(describeAccess(union(full, other))).toEqual({
      scope: 'openid email phone',
      resources: [API],
      claims: ['name', 'nickname'],
    });
    expect(union(full, NO_ACCESS)).toEqual(full);
    expect(union(NO_ACCESS, full)).toEqual(full);
  });

  it('one without the other has what only it has', () => {
    expect(without(full, other)).toEqual(accessTo({ scope: ['openid'], claims: claimsNamed(['name']) }));
    expect(isNothing(without(full, full))).toBe(true);
    expect(without(union(full, other), without(other, full))).toEqual(full);
  });

  it.each(names)('are not nothing where one has %s alone', (name) => {
    expect(isNothing({ ...NO_ACCESS, [name]: full[name] })).toBe(false);
  });
});

describe('narrowed', () => {
  it('it keeps what is named, in members that are named; the others stay', () => {
    expect(narrow(full, { scope: ['email', 'phone'] })).toEqual({ ...full, scope: ['email'] });
    expect(narrow(full, { resources: [] })).toEqual({ ...full, resources: [] });
    expect(narrow(full, {})).toEqual(full);
  });

  it('it never has more than before', () => {
    expect(narrow(NO_ACCESS, full)).toEqual(NO_ACCESS);
  });
});
