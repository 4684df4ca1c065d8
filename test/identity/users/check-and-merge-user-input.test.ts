/** What is stored of a person, and what a change leaves of it. */
import { describe, expect, it } from 'vitest';
import { createClaimCatalogue } from '../../../src/identity/claims/claims-by-scope-and-place.ts';
import {
  changedRow,
  checkPerson,
  type NewUser,
  type UserChanges,
} from '../../../src/identity/users/check-and-merge-user-input.ts';
import { isRefusal } from '../../../src/lib/outcome.ts';

const context = {
  claimCatalogue: createClaimCatalogue({ scopes: {}, claims: {} }),
  clock: { nowMs: () => 9 },
};
const reasonOf = (outcome: unknown) => (isRefusal(outcome) ? outcome.reason : 'accepted');

function stored(wanted: NewUser) {
  const person = checkPerson(context, wanted);
  if (isRefusal(person)) throw new Error(person.description);
  return { ...person.named, claims: JSON.stringify(person.claims) };
}
type Row = Parameters<typeof changedRow>[1];
const before = {
  ...stored({ username: 'alice', email: 'alice@example.com' }),
  sub: 's',
  updated_at: 1,
} as unknown as Row;
const change = (changes: UserChanges, row: Row = before) => changedRow(context, row, changes);
const claimsOf = (outcome: ReturnType<typeof change>) =>
  isRefusal(outcome) ? outcome.reason : JSON.parse(outcome.claims);

describe('a new person', () => {
  it('has names and claims, without those that are null', () => {
    expect(
      checkPerson(context, { username: 'alice', claims: { nickname: 'al', gender: null } }),
    ).toMatchObject({
      named: { username: 'alice', email: null },
      claims: { nickname: 'al' },
    });
    expect(checkPerson(context, { username: 'alice', claims: { email: 'a@example.com' } })).toMatchObject({
      named: { email: 'a@example.com' },
      claims: {},
    });
  });

  it('is refused with claims or names that are none', () => {
    expect(reasonOf(checkPerson(context, { username: 'alice', claims: { nicknam: 'al' } }))).toBe(
      'unknown_claim',
    );
    expect(reasonOf(checkPerson(context, { username: 'a b' }))).toBe('malformed_username');
    expect(reasonOf(checkPerson(context, { username: 'alice', claims: 'x' }))).toBe('malformed_claim');
  });
});

describe('a change', () => {
  it('leaves what it does not name', () => {
    expect(change({})).toEqual({ ...before, updated_at: 9 });
    expect(change({ username: 'bob' })).toMatchObject({ username: 'bob', email: 'alice@example.com' });
  });

  it('RFC 7396 merges claims: each replaces its own, null takes it away', () => {
    const row = { ...before, claims: '{"nickname":"al","gender":"f"}' };
    expect(claimsOf(change({ claims: { nickname: 'alice', gender: null, zoneinfo: 'UTC' } }, row))).toEqual({
      nickname: 'alice',
      zoneinfo: 'UTC',
    });
  });

  it('takes the address away by null, as its own member or as the claim', () => {
    expect(change({ email: null })).toMatchObject({ email: null, email_key: null });
    expect(change({ claims: { email: null } })).toMatchObject({ email: null });
    expect(change({ claims: { email: 'new@example.com' } })).toMatchObject({ email: 'new@example.com' });
    expect(reasonOf(change({ email: 'a@example.com', claims: { email: 'b@example.com' } }))).toBe(
      'conflicting_email',
    );
  });

  it('of the address forgets that the old one was verified, or not, unless it says so of the new one', () => {
    const row = { ...before, claims: '{"email_verified":false,"nickname":"al"}' };
    expect(claimsOf(change({ email: 'new@example.com' }, row))).toEqual({ nickname: 'al' });
    expect(claimsOf(change({ email: 'ALICE@example.com' }, row))).toMatchObject({ email_verified: false });
    const told = { email: 'new@example.com', claims: { email_verified: true } };
    expect(claimsOf(change(told, row))).toMatchObject({ email_verified: true });
  });

  it('is not prevented by a stored claim whose setting is gone, and adds no other such', () => {
    const row = { ...before, claims: '{"department":"Gates"}' };
    expect(claimsOf(change({ claims: { nickname: 'al' } }, row))).toEqual({
      department: 'Gates',
      nickname: 'al',
    });
    expect(claimsOf(change({ claims: { department: null } }, row))).toEqual({});
    expect(claimsOf(change({ claims: { department: 'Doors' } }, row))).toBe('unknown_claim');
  });
});
