/** Which clients registered themselves. RFC 7592 §3 */
import { expect, it } from 'vitest';
import { isSelfRegistered } from '../../../src/oauth/clients/is-self-registered.ts';
import { clientOf } from './client-value.ts';

it('RFC 7592 §3 a client registered itself where it has a registration access token, whatever else it has', () => {
  expect(isSelfRegistered(clientOf({}, { registrationTokenHash: 'hash' }))).toBe(true);
  expect(isSelfRegistered(clientOf({ first_party: true }, { registrationTokenHash: 'hash' }))).toBe(true);
  expect(isSelfRegistered(clientOf())).toBe(false);
});
