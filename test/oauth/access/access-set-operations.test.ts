/** What is asked, allowed and granted, as one value. */
import { describe, expect, it } from 'vitest';
import {
  accessTo,
  describeAccess,
  detailsOfAccess,
  isNothing,
  isWithin,
  NO_ACCESS,
  narrow,
  parseAccess,
  union,
  without,
  writeAccess,
} from '../../../src/oauth/access/access-set-operations.ts';
import { accessMembers } from '../../../src/oauth/access/members/index.ts';
import { claimsNamed } from '../../../src/oauth/access/members/individual-claims.ts';

const API = 'https://api.example.com';
const full = accessTo({ scope: ['openid', 'email'], resources: [API], claims: claimsNamed(['name']) });
const names = Object.keys(accessMembers) as (keyof typeof accessMembers)[];

describe('as text', () => {
  it('is the same text for the same access, without the members that have nothing', () => {
    expect(writeAccess(full)).toBe(
      '{"scope":["openid","email"],"resources":["https://api.example.com"],"claims":["name"]}',
    );
    expect(writeAccess(accessTo({ claims: full.claims, scope: full.scope }))).toBe(
      '{"scope":["openid","email"],"claims":["name"]}',
    );
    expect(writeAccess(NO_ACCESS)).toBe('{}');
  });

  it('is read as it was written, and what is not there is nothing', () => {
    expect(parseAccess(writeAccess(full))).toEqual(full);
    expect(parseAccess('{}')).toEqual(NO_ACCESS);
    expect(parseAccess('{"scope":["openid"],"toys":["a"]}')).toEqual(accessTo({ scope: ['openid'] }));
  });
});

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

describe('in words', () => {
  it('it is shown to the operator, and recorded in the audit as text and without the resources', () => {
    expect(describeAccess(full)).toEqual({ scope: 'openid email', resources: [API], claims: ['name'] });
    expect(describeAccess(NO_ACCESS)).toEqual({ scope: '', resources: [] });
    expect(detailsOfAccess(union(full, accessTo({ claims: claimsNamed(['nickname']) })))).toEqual({
      scope: 'openid email',
      claims: 'name nickname',
    });
    expect(detailsOfAccess(accessTo({ scope: ['openid'] }))).toEqual({ scope: 'openid' });
  });
});
