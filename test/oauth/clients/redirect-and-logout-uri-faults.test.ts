/** The addresses in client metadata are the client's own, and safe. RFC 7591 §2, RFC 9700 §2.1 */
import { describe, expect, it } from 'vitest';
import { isRefusal } from '../../../src/lib/outcome.ts';
import type { ClientMetadata, MetadataRules } from '../../../src/oauth/clients/metadata-shape.ts';
import {
  checkClearText,
  checkLogout,
  checkRedirects,
} from '../../../src/oauth/clients/redirect-and-logout-uri-faults.ts';
import { clientOf, operatorsRules } from './client-value.ts';

const { metadata } = clientOf();
type Check = typeof checkRedirects;
const told = (check: Check, changes: Partial<ClientMetadata>, rules: Partial<MetadataRules> = {}) => {
  const checked = check({ ...metadata, ...changes }, { ...operatorsRules, ...rules });
  return isRefusal(checked) ? checked.reason : checked;
};
const INSECURE = { insecure_redirect_uris: true };

describe('redirects in clear text', () => {
  it('are for a confidential web client of the operator’s that proves with PKCE and asks its people', () => {
    expect(told(checkClearText, INSECURE)).toBe('passed');
    for (const more of [
      { token_endpoint_auth_method: 'none' },
      { application_type: 'native' as const },
      { first_party: true },
      { require_pkce: false },
    ])
      expect(told(checkClearText, { ...INSECURE, ...more }), JSON.stringify(more)).toBe(
        'refused_insecure_redirects',
      );
    expect(told(checkClearText, INSECURE, { profile: 'fapi2' })).toBe('refused_insecure_redirects');
    expect(told(checkClearText, { token_endpoint_auth_method: 'none', first_party: true })).toBe('passed');
  });

  it('are taken where that was said, on a private host, and from nobody who registered itself', () => {
    const redirect_uris = ['http://nas/cb'];
    expect(told(checkRedirects, { redirect_uris })).toBe('refused_redirect_uri');
    expect(told(checkRedirects, { ...INSECURE, redirect_uris })).toBe('passed');
    expect(told(checkRedirects, { ...INSECURE, redirect_uris }, { selfRegistered: true })).toBe(
      'refused_redirect_uri',
    );
    expect(told(checkRedirects, { ...INSECURE, redirect_uris: ['http://app.example.com/cb'] })).toBe(
      'refused_redirect_uri',
    );
  });
});

it('each redirect URI is looked at, and who asks for codes has one', () => {
  const good = 'https://app.example.com/cb';
  expect(told(checkRedirects, { redirect_uris: [good] })).toBe('passed');
  expect(told(checkRedirects, { redirect_uris: [good, `${good}#x`] })).toBe('refused_redirect_uri');
  expect(told(checkRedirects, { redirect_uris: [] })).toBe('missing_redirect_uri');
  expect(told(checkRedirects, { redirect_uris: [], grant_types: ['client_credentials'] })).toBe('passed');
});

describe('what is told of sign-outs', () => {
  it('is https but for development, without a fragment', () => {
    for (const member of ['backchannel_logout_uri', 'frontchannel_logout_uri'] as const) {
      expect(told(checkLogout, { [member]: 'https://app.example.com/out' }), member).toBe('passed');
      for (const uri of ['http://app.example.com/out', 'https://app.example.com/out#x'])
        expect(told(checkLogout, { [member]: uri }), uri).toBe('refused_logout_uri');
    }
    const local = { backchannel_logout_uri: 'http://localhost:3000/out' };
    expect(told(checkLogout, local, { development: true })).toBe('passed');
  });

  it('Front-Channel Logout §2 has the origin of a redirect URI where it is a frame', () => {
    for (const uri of ['https://other.example/out', 'https://app.example.com:444/out'])
      expect(told(checkLogout, { frontchannel_logout_uri: uri }), uri).toBe('refused_logout_uri');
    expect(told(checkLogout, { backchannel_logout_uri: 'https://other.example/out' })).toBe('passed');
  });

  it('leads back to an address that is held to the rules of redirect URIs', () => {
    expect(told(checkLogout, { post_logout_redirect_uris: ['https://app.example.com/bye'] })).toBe('passed');
    expect(
      told(checkLogout, { post_logout_redirect_uris: ['https://app.example.com/bye', 'javascript:a'] }),
    ).toBe('refused_logout_uri');
  });
});
