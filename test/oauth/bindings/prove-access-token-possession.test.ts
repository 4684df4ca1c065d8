/** Whoever shows an access token shows its key too, where it has one, and shows it as what it is. RFC 9449 §7, RFC 8705 §3 */
import { expect, it } from 'vitest';
import type { BindingContext } from '../../../src/oauth/bindings/binding.ts';
import {
  provePossession,
  type ShownToken,
} from '../../../src/oauth/bindings/prove-access-token-possession.ts';
import { isCallerProven } from '../../../src/oauth/proof-caller-was-authenticated.ts';
import { backChannelRequest } from '../../support/back-channel.ts';
import { clientOf } from '../clients/client-value.ts';

const context = {} as BindingContext;
const shown = (more: Partial<ShownToken> = {}): ShownToken => ({
  request: backChannelRequest(),
  client: clientOf(),
  token: 'eyJ',
  scheme: 'bearer',
  confirmation: undefined,
  ...more,
});
const refusalOf = async (more: Partial<ShownToken>) =>
  provePossession(context, shown(more)).then(
    () => 'proven',
    ({ error, reason, status, challenge }) => ({ error, reason, status, challenge }),
  );

it('a Bearer token is proven by being shown', async () => {
  const caller = await provePossession(context, shown());
  expect([isCallerProven(caller), caller.by]).toEqual([true, 'access token']);
});

it('as another type it is refused, with the challenge of its own', async () => {
  for (const scheme of ['dpop', 'basic', '', 'Bearer'])
    expect(await refusalOf({ scheme }), scheme).toMatchObject({
      error: 'invalid_token',
      reason: 'wrong_token_type',
      challenge: expect.stringMatching(
        /^Bearer realm="gatehouse", error="invalid_token", error_description=/,
      ),
    });
});

it('a token that names a key is refused where none can be shown', async () => {
  for (const confirmation of [{ jkt: 'thumbprint' }, { 'x5t#S256': 'a' }, { unknown: '' }])
    expect(await refusalOf({ confirmation }), JSON.stringify(confirmation)).toMatchObject({
      error: 'invalid_token',
      reason: 'wrong_confirmation',
    });
});
