import { expect, it } from 'vitest';
import { isNothing } from '../../../src/oauth/access/access-set-operations.ts';
import { NOTHING_ASKED } from '../../../src/oauth/authorization/authorization-request-types.ts';
import { protectionLeftOut } from '../../../src/oauth/authorization/purposes/authorization.ts';

it('the audit has which protection the app left out, and nothing where it sent both', () => {
  const terms = { redirect_uri_sent: true };
  expect(protectionLeftOut({ ...terms, code_challenge: 'c', nonce: 'n' })).toEqual({});
  expect(protectionLeftOut({ ...terms, nonce: 'n' })).toEqual({ pkce: false });
  expect(protectionLeftOut({ ...terms, code_challenge: 'c' })).toEqual({ nonce: false });
  expect(protectionLeftOut(terms)).toEqual({ pkce: false, nonce: false });
});

it('a request that asks for nothing asks for no access and forbids no page', () => {
  expect(isNothing(NOTHING_ASKED.access)).toBe(true);
  expect(NOTHING_ASKED).toMatchObject({ prompt: [], acr: { essential: false, values: [] } });
  expect(NOTHING_ASKED.max_age).toBeUndefined();
});
