/** Each member of client metadata by its type and bounds. RFC 7591 §2. Every member with every type: ../wrong-types/registration.test.ts */
import { describe, expect, it } from 'vitest';
import { metadataSchema } from '../../../src/oauth/clients/metadata-shape.ts';

const isGood = (members: Record<string, unknown>) =>
  metadataSchema.safeParse({ client_name: 'App', ...members }).success;

describe('a name', () => {
  it('has 1 to 120 characters, without the space around it', () => {
    expect(metadataSchema.parse({ client_name: '  App ' }).client_name).toBe('App');
    expect(isGood({ client_name: 'x'.repeat(120) })).toBe(true);
    for (const client_name of ['', '   ', 'x'.repeat(121), undefined, 1, ['App']])
      expect(isGood({ client_name }), JSON.stringify(client_name)).toBe(false);
  });

  it('A077 has nothing that hides, controls or turns the direction around', () => {
    for (const code of [0x00, 0x0a, 0x1b, 0x200b, 0x202e, 0x2028, 0x2066, 0x3164, 0x034f, 0xfeff])
      expect(isGood({ client_name: `Bank${String.fromCodePoint(code)}ing` }), code.toString(16)).toBe(false);
  });

  it('RFC 5892 A.1 has joiners where they are part of spelling, and nowhere else', () => {
    expect(isGood({ client_name: 'می\u200cخواهم' })).toBe(true);
    expect(isGood({ client_name: 'क्\u200dष' })).toBe(true);
    expect(isGood({ client_name: 'Goo\u200cgle' })).toBe(false);
  });
});

it('what is left out has its default, and what nobody knows is left out', () => {
  expect(metadataSchema.parse({ client_name: 'App', unknown: 1 })).toEqual({
    client_name: 'App',
    redirect_uris: [],
    application_type: 'web',
    resources: [],
    first_party: false,
  });
});

it.each<[string, unknown, unknown]>([
  ['redirect_uris', Array(50).fill('https://a.example/'), Array(51).fill('https://a.example/')],
  ['grant_types', ['authorization_code'], []],
  ['response_modes', ['query'], ['jwt']],
  ['application_type', 'native', 'service'],
  ['id_token_signed_response_alg', 'EdDSA', 'none'],
  ['token_endpoint_auth_signing_alg', 'PS256', 'x'.repeat(65)],
  ['jwks_uri', 'https://a.example/keys', 'http://a.example/keys'],
  ['sector_identifier_uri', 'https://a.example/s', 'http://a.example/s'],
  ['initiate_login_uri', 'https://a.example/login', 'http://a.example/login'],
  ['logo_uri', 'http://a.example/logo', 'data:image/png,x'],
  ['policy_uri', 'https://a.example/p', 'javascript:alert(1)'],
  ['client_uri', 'https://a.example', 'https://a;b.example'],
  ['default_max_age', 999_999_999, 1_000_000_000],
  ['default_max_age', 0, -1],
  ['default_max_age', 1, 1.5],
  ['contacts', Array(10).fill('a'), Array(11).fill('a')],
  ['subject_type', 'pairwise', 'ephemeral'],
  ['access_token_type', 'JWT', 'jwt'],
  ['first_party', true, 'true'],
  ['require_pkce', false, 0],
])('%s: %j is taken, %j is not', (member, good, wrong) => {
  expect([isGood({ [member]: good }), isGood({ [member]: wrong })]).toEqual([true, false]);
});
