/** What an update of a client may not change, and what makes another client of it. */
import { describe, expect, it } from 'vitest';
import { isRefusal, PASSED } from '../../../src/lib/outcome.ts';
import {
  checkSameKind,
  isOtherClient,
  isSameRegistration,
} from '../../../src/oauth/clients/client-update-rules.ts';
import { clientOf } from './client-value.ts';

const reasonOf = (outcome: unknown) => (isRefusal(outcome) ? outcome.reason : outcome);

describe('a client that is changed', () => {
  it('RFC 6749 §2.1 stays confidential or public', () => {
    const [web, spa] = [clientOf(), clientOf({ token_endpoint_auth_method: 'none' })];
    expect(checkSameKind(web, { ...web.metadata, token_endpoint_auth_method: 'private_key_jwt' })).toBe(
      PASSED,
    );
    expect(reasonOf(checkSameKind(web, spa.metadata))).toBe('type_change');
    expect(reasonOf(checkSameKind(spa, web.metadata))).toBe('type_change');
  });

  it('gets no redirects in clear text where it registered itself', () => {
    const { metadata } = clientOf();
    const insecure = { ...metadata, insecure_redirect_uris: true };
    expect(checkSameKind(clientOf(), insecure)).toBe(PASSED);
    const own = clientOf({}, { registrationTokenHash: 'hash' });
    expect(reasonOf(checkSameKind(own, insecure))).toBe('refused_insecure_redirects');
  });

  it('A076 is another one for people where they were asked about something else', () => {
    const [operators, own] = [clientOf(), clientOf({}, { registrationTokenHash: 'hash' })];
    const changed = (members: object) => ({ ...operators.metadata, ...members });
    for (const members of [{ client_name: 'Other' }, { redirect_uris: [] }, { scope: 'openid' }])
      expect(isOtherClient(operators, changed(members)), JSON.stringify(members)).toBe(true);
    for (const members of [{ logo_uri: 'https://a.example' }, { jwks_uri: 'https://a.example' }]) {
      expect(isOtherClient(operators, changed(members)), JSON.stringify(members)).toBe(false);
      expect(isOtherClient(own, changed(members)), JSON.stringify(members)).toBe(true);
    }
    expect(isOtherClient(own, changed({ contacts: ['a'] }))).toBe(false);
  });

  it('is the one that its registration access token was checked for', () => {
    const of = (registrationTokenHash: string | undefined) => clientOf({}, { registrationTokenHash });
    expect(isSameRegistration(of('a'), of('a'))).toBe(true);
    expect(isSameRegistration(of('b'), of('a'))).toBe(false);
    expect(isSameRegistration(of(undefined), of('a'))).toBe(false);
  });
});
