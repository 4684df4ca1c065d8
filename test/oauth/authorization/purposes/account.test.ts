/** A page of the account asks for a fresh or a stronger sign-in: its every end leads back to it. ASVS V7.5.3 */
import { expect, it } from 'vitest';
import { NOTHING_ASKED } from '../../../../src/oauth/authorization/authorization-request-types.ts';
import { type AccountRequest, account } from '../../../../src/oauth/authorization/purposes/account.ts';
import type { Ending } from '../../../../src/oauth/authorization/purposes/purpose.ts';
import { login } from '../../../../src/oauth/authorization/steps/login.ts';
import { OAuthError } from '../../../../src/oauth/errors.ts';
import { situation } from '../situation-value.ts';

const request: AccountRequest = {
  path: '/account/password?x=1',
  asked: { ...NOTHING_ASKED, max_age: 300, acr: { essential: true, values: ['urn:gatehouse:acr:pwd'] } },
};
const ending = {
  situation: { ...situation(), request },
  interactionId: 'one',
} as unknown as Ending<AccountRequest>;

it('what the page wants is read as it was written, and belongs to no client', () => {
  const text = account.write(request, undefined);
  expect(account.read(text)).toEqual({ request, metadata_hash: undefined });
  expect(JSON.parse(text)).toEqual({
    path: request.path,
    max_age: 300,
    acr: { essential: true, values: ['urn:gatehouse:acr:pwd'] },
  });
});

it('only what a page asks is stored: no scope, no prompt, no redirect', () => {
  const wanted = { ...request, asked: { ...request.asked, prompt: ['none'] as const, login_hint: 'alice' } };
  const { asked, ...others } = account.read(account.write(wanted, undefined)).request;
  expect(asked).toEqual(request.asked);
  expect(others).toEqual({ path: request.path });
});

it('leads back to the page where it completes, is denied, is of another person, or may show nothing', async () => {
  const back = { kind: 'own_page', path: request.path };
  const next = { step: login, reason: 'no_session' } as const;
  expect(await account.complete(ending)).toEqual(back);
  expect(await account.denied(ending)).toEqual(back);
  expect(await account.otherUser(ending, next)).toEqual(back);
  expect(await account.silent(ending, next)).toEqual(back);
});

it('is 403 where nothing that the person has is strong enough', () => {
  const refused = () => account.outOfReach(ending);
  expect(refused).toThrow(OAuthError);
  expect(refused).toThrow(expect.objectContaining({ reason: 'acr_not_reached', status: 403 }));
});
