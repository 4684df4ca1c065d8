/** How a person may be called, and which of their claims may be stored. */
import { describe, expect, it } from 'vitest';
import { createClaimCatalogue } from '../../../src/identity/claims/claims-by-scope-and-place.ts';
import {
  checkClaims,
  checkNames,
  settleEmail,
} from '../../../src/identity/users/username-email-and-claim-rules.ts';
import { isRefusal } from '../../../src/lib/outcome.ts';

const claimCatalogue = createClaimCatalogue({
  scopes: { staff: { sentence: 'S', claims: ['department'], self_registration: false } },
  claims: { department: {} },
});
const reasonOf = (outcome: unknown) => (isRefusal(outcome) ? outcome.reason : 'accepted');

describe('a username', () => {
  const named = (username: string, email?: string) => reasonOf(checkNames(username, email));

  it('is 1 to 128 letters, digits and a few signs, and begins with none of them', () => {
    for (const username of ['a', 'x'.repeat(128), "o'brien", 'ana-maría.9_+', '9', 'Änne'])
      expect(named(username), username).toBe('accepted');
    for (const username of ['', ' ', 'x'.repeat(129), '.a', '-a', 'a b', 'a/b', 'a:b', 'a\u200bb', 'a\nb'])
      expect(named(username), JSON.stringify(username)).toBe('malformed_username');
  });

  it('is compared without its case and form, and kept as it was written', () => {
    expect(checkNames(' Ａlice ', undefined)).toEqual({
      username: 'Alice',
      username_key: 'alice',
      email: null,
      email_key: null,
    });
  });

  it('with @ is the person’s own address, so that nobody is called like another one’s', () => {
    expect(named('alice@example.com', 'Alice@example.com')).toBe('accepted');
    expect(named('alice@example.com', 'bob@example.com')).toBe('foreign_email_as_username');
    expect(named('alice@example.com')).toBe('foreign_email_as_username');
  });

  it('goes with an address that is one', () => {
    expect(named('alice', 'alice@example.com')).toBe('accepted');
    for (const email of ['', 'alice', 'alice@', 'a@b, c@d'])
      expect(named('alice', email), email).toBe('malformed_email');
  });
});

describe('the address', () => {
  it('is one, whether it comes as the claim or by itself, and two that differ are refused', () => {
    const claims = { email: 'Alice@example.com', nickname: 'al' };
    const own = { email: 'Alice@example.com', claims: { nickname: 'al' } };
    expect(settleEmail(claims, undefined)).toEqual(own);
    expect(settleEmail(claims, 'alice@EXAMPLE.com')).toEqual({ ...own, email: 'alice@EXAMPLE.com' });
    expect(settleEmail({ nickname: 'al' }, undefined)).toEqual({
      email: undefined,
      claims: { nickname: 'al' },
    });
    expect(reasonOf(settleEmail(claims, 'bob@example.com'))).toBe('conflicting_email');
  });
});

describe('claims', () => {
  const check = (claims: unknown) => checkClaims({ claimCatalogue }, claims);

  it('are the standard ones and those that the settings define', () => {
    expect(check({ nickname: 'al', department: ['Gates', 2] })).toEqual({
      nickname: 'al',
      department: ['Gates', 2],
    });
    expect(check({})).toEqual({});
  });

  it('that nobody knows are refused, with the nearest that there is', () => {
    const refused = check({ nicknam: 'al' });
    expect(reasonOf(refused)).toBe('unknown_claim');
    expect(isRefusal(refused) && refused.description).toContain('did you mean nickname?');
    for (const name of ['constructor', 'toString'])
      expect(reasonOf(check(JSON.parse(`{"${name}":"x"}`))), name).toBe('unknown_claim');
  });

  it('that are the protocol’s own are refused as such', () => {
    for (const name of ['sub', 'iss', 'aud', 'acr', '__proto__'])
      expect(reasonOf(check(JSON.parse(`{"${name}":"x"}`))), name).toBe('reserved_claim');
  });

  it('of a wrong type are refused by their place', () => {
    for (const claims of [{ nickname: 1 }, { address: { locality: 1 } }, { department: {} }, 'x', [], null]) {
      expect(reasonOf(check(claims)), JSON.stringify(claims)).toBe('malformed_claim');
    }
    const refused = check({ address: { locality: 1 } });
    expect(isRefusal(refused) && refused.description).toMatch(/^address\.locality: /);
  });

  it('are read by their own names, not by what every object has', () => {
    const inherited = Object.assign(Object.create({ nickname: 'al' }), { given_name: 'Alice' });
    expect(check(inherited)).toEqual({ given_name: 'Alice' });
  });
});
