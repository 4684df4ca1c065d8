/** What is asked, as it is stored: by an interaction, and by any table of a purpose. */
import { expect, it } from 'vitest';
import { accessTo } from '../../../src/oauth/access/access-set-operations.ts';
import { type Asked, NOTHING_ASKED } from '../../../src/oauth/authorization/authorization-request-types.ts';
import { jsonOfAsked, readAsked, type StoredAsked } from '../../../src/oauth/authorization/stored-asked.ts';
import { readStoredClaims } from '../../../src/oauth/claims-request.ts';

const asked: Required<Asked> = {
  access: accessTo({
    scope: ['openid', 'read'],
    resources: ['https://books.example.com/'],
    claims: [{ name: 'email' }],
  }),
  userinfo_first: true,
  prompt: ['login', 'consent'],
  max_age: 60,
  login_hint: 'alice',
  hinted_sub: 'sub',
  acr: { essential: true, values: ['one', 'two'] },
  claims: readStoredClaims('{ "userinfo": {"email": null} }'),
};

const stored = (one: object): StoredAsked => JSON.parse(JSON.stringify(one));

it('all that is asked is read as it was written, whatever else is stored with it', () => {
  expect(readAsked(stored(jsonOfAsked(asked)))).toEqual(asked);
  expect(readAsked(stored({ user_code: 'toy', ...jsonOfAsked(asked) }))).toEqual(asked);
  expect(readAsked(stored(jsonOfAsked(NOTHING_ASKED)))).toEqual(NOTHING_ASKED);
});

it('it is flat, with the claims parameter as it was sent', () => {
  const { claims, scope, resources, single_claims } = jsonOfAsked(asked);
  expect([claims, scope]).toEqual(['{ "userinfo": {"email": null} }', 'openid read']);
  expect([resources, single_claims]).toEqual([['https://books.example.com/'], ['email']]);
});

it('what is not stored is not asked', () => {
  expect(readAsked(stored({}))).toEqual(NOTHING_ASKED);
});
