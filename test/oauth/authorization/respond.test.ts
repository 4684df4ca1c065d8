/** What every authorization response says beside its code or error, and how it travels. RFC 6749 §4.1.2, RFC 9207 §2 */
import { expect, it } from 'vitest';
import { respond } from '../../../src/oauth/authorization/respond.ts';
import type { Recipient } from '../../../src/oauth/authorization/response-modes/mode.ts';
import { clientOf } from '../clients/client-value.ts';

const recipient = {
  client: clientOf(),
  context: { settings: { issuer: 'https://op.example' } },
} as Recipient;
const redirect_uri = 'https://app.example.com/cb?a=1';
const answer = (target: object) =>
  respond(recipient, { redirect_uri, response_mode: 'query', ...target }, [['code', 'c&d']]);

it('Z11 has state as it came, and iss last; without a state none', async () => {
  expect(await answer({ state: 's t&x' })).toEqual({
    kind: 'redirect',
    location: `${redirect_uri}&code=c%26d&state=s+t%26x&iss=https%3A%2F%2Fop.example`,
  });
  expect(await answer({})).toEqual({
    kind: 'redirect',
    location: `${redirect_uri}&code=c%26d&iss=https%3A%2F%2Fop.example`,
  });
});

it('an empty state is returned empty', async () => {
  expect(await answer({ state: '' })).toMatchObject({ location: expect.stringContaining('&state=&iss=') });
});

it('is sent in the mode of the target, and an unknown mode is query', async () => {
  expect(await answer({ response_mode: 'fragment' })).toMatchObject({
    location: expect.stringContaining('/cb?a=1#code='),
  });
  for (const response_mode of ['', 'jwt', 'Fragment', '__proto__'])
    expect(await answer({ response_mode }), response_mode).toEqual(await answer({}));
});

it('a page that posts it is in the language of the pages before', async () => {
  expect(await answer({ response_mode: 'form_post', ui_locales: 'de en' })).toEqual({
    kind: 'form_post',
    redirect_uri,
    parameters: [
      ['code', 'c&d'],
      ['iss', 'https://op.example'],
    ],
    uiLocales: 'de en',
  });
});
