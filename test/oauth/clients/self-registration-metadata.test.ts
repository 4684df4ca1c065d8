/** What a client may say of itself where nobody vouches for it. RFC 7591 §2, §5 */
import { describe, expect, it } from 'vitest';
import type { Settings } from '../../../src/config/settings-schema.ts';
import { draftOf } from '../../../src/oauth/clients/self-registration-metadata.ts';
import { grants } from '../../../src/oauth/grants/index.ts';

const scopes = {
  read: { sentence: 'Read', claims: [], self_registration: true },
  admin: { sentence: 'All', claims: [], self_registration: false },
};
const context = { settings: { scopes } as unknown as Settings };
const own = grants.filter(({ selfRegistered }) => selfRegistered);
const redirect_uris = ['https://app.example.com/cb'];
const draft = (body: unknown) => draftOf(context, own, body);

describe('the body', () => {
  it('is a JSON object', () => {
    for (const body of [undefined, null, 'a', 1, true, [], [{}]])
      expect(() => draft(body), JSON.stringify(body)).toThrow(
        expect.objectContaining({ error: 'invalid_client_metadata', reason: 'malformed_metadata' }),
      );
  });

  it('has no software statement', () => {
    for (const software_statement of ['eyJ', 1, {}])
      expect(() => draft({ redirect_uris, software_statement })).toThrow(
        expect.objectContaining({ error: 'invalid_software_statement' }),
      );
    expect(draft({ redirect_uris, software_statement: null })).not.toHaveProperty('software_statement');
  });

  it('says nothing that is the operator’s, and nothing that nobody knows', () => {
    const said = { first_party: true, resources: ['https://a.example'], insecure_redirect_uris: true, x: 1 };
    const made = draft({ redirect_uris, ...said });
    for (const member of Object.keys(said)) expect(made, member).not.toHaveProperty(member);
  });

  it('RFC 7592 §2.2 with null or an empty text for a member leaves it out', () => {
    const made = draft({ redirect_uris, logo_uri: null, policy_uri: '', tos_uri: 'https://a.example' });
    expect(made).not.toHaveProperty('logo_uri');
    expect(made).not.toHaveProperty('policy_uri');
    expect(made.tos_uri).toBe('https://a.example');
  });

  it('is read by its own members, not by those that every object has', () => {
    const made = draft(
      Object.assign(Object.create({ client_uri: 'https://evil.example' }), { redirect_uris }),
    );
    expect(made).not.toHaveProperty('client_uri');
  });
});

describe('scope', () => {
  const scopeOf = (scope?: unknown) => draft({ redirect_uris, ...(scope !== undefined && { scope }) }).scope;

  it('is what was asked for, of the standard ones and those that were opened', () => {
    expect(scopeOf('openid read admin unknown')).toBe('openid read');
    expect(scopeOf('read')).toBe('read');
  });

  it('is all of them where none was asked for, or none is left', () => {
    const all = scopeOf();
    expect(String(all).split(' ')).toEqual(expect.arrayContaining(['openid', 'email', 'read']));
    expect(all).not.toMatch(/admin/);
    expect(scopeOf('admin')).toBe(all);
  });

  it('that is none goes on to the rules, which refuse it', () => {
    for (const scope of [1, {}, ['openid'], 'a"b']) expect(scopeOf(scope)).toEqual(scope);
  });
});

describe('grant_types', () => {
  const typesOf = (grant_types?: unknown) =>
    draft({ redirect_uris, ...(grant_types !== undefined && { grant_types }) }).grant_types;

  it('are those that an app for which nobody vouches may have', () => {
    expect(typesOf()).toEqual(['authorization_code', 'refresh_token']);
    expect(typesOf(['authorization_code', 'client_credentials', 'password'])).toEqual(['authorization_code']);
  });

  it('go on to the rules where none of them is supported, or one is no text', () => {
    expect(typesOf(['client_credentials'])).toEqual(['client_credentials']);
    expect(typesOf(['authorization_code', 1])).toEqual(['authorization_code', 1]);
    expect(typesOf('authorization_code')).toBe('authorization_code');
  });
});

describe('what it leaves open', () => {
  it('RFC 8252 §7 an app whose answers come to the machine itself is native, whatever it says', () => {
    for (const uri of ['http://127.0.0.1:1/cb', 'http://localhost/cb', 'com.example.app:/cb'])
      expect(draft({ redirect_uris: [uri], application_type: 'web' }).application_type, uri).toBe('native');
    expect(draft({ redirect_uris, application_type: 'web' }).application_type).toBe('web');
  });

  it('its name is that of its host, which a person can check', () => {
    expect(draft({ redirect_uris }).client_name).toBe('app.example.com');
    expect(draft({ redirect_uris, client_name: 'Bank' }).client_name).toBe('Bank');
    for (const uris of [undefined, [], 'x', [1], ['no uri']])
      expect(draft({ redirect_uris: uris }).client_name, JSON.stringify(uris)).toBe('An app');
  });
});
