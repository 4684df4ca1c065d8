import { describe, expect, it } from 'vitest';
import { authenticationMethods } from '../../../src/oauth/clients/authentication/index.ts';
import { checkMetadata } from '../../../src/oauth/clients/complete-and-check-metadata.ts';
import type { MetadataRules } from '../../../src/oauth/clients/metadata-shape.ts';
import { sectorOf } from '../../../src/oauth/clients/pairwise-sector.ts';
import { grants } from '../../../src/oauth/grants/index.ts';

const production: MetadataRules = {
  profile: 'oauth2.1',
  development: false,
  grantTypes: grants,
  authMethods: authenticationMethods.filter(({ credential }) => credential !== 'keys'),
};

function reasonOf(metadata: Record<string, unknown>, rules = production): string {
  const outcome = checkMetadata({ client_name: 'Test app', ...metadata }, rules);
  return 'refused' in outcome ? outcome.reason : 'accepted';
}
const redirect = (uri: string, more = {}) => reasonOf({ redirect_uris: [uri], ...more });
const NATIVE = { application_type: 'native', token_endpoint_auth_method: 'none' };

describe('redirect URIs', () => {
  it('Y1 Z5 https is taken; http, relative ones and fragments are not', () => {
    expect(redirect('https://app.example.com/cb')).toBe('accepted');
    expect(redirect('https://app.example.com')).toBe('accepted');
    expect(redirect('https://app.example.com/cb?a=b&c=d')).toBe('accepted');
    for (const uri of [
      'http://app.example.com/cb',
      '/cb',
      '//app.example.com/cb',
      'https://app.example.com/cb#x',
      'https://app.example.com/#',
    ]) {
      expect(redirect(uri), uri).toBe('refused_redirect_uri');
    }
  });

  it('A008 wildcards and A002 user names are refused', () => {
    for (const uri of [
      'https://foo.test/*',
      'https://*.foo.test/cb',
      'https://a@foo.test/cb',
      'https://a:b@foo.test/cb',
    ]) {
      expect(redirect(uri), uri).toBe('refused_redirect_uri');
    }
  });

  it('two URIs with a comma between them are refused; a comma alone, or a URI in the query, is not', () => {
    expect(redirect('https://foo.test/cb,https://bar.test/cb')).toBe('refused_redirect_uri');
    expect(redirect('https://foo.test/a,b')).toBe('accepted');
    expect(redirect('https://foo.test/cb?of=a,https://bar.test')).toBe('accepted');
  });

  it('A009 schemes that run or read are refused in every spelling', () => {
    const schemes = [
      'javascript:alert(1)',
      'JaVaScRiPt:alert(1)',
      'java\tscript:alert(1)',
      'data:text/html,x',
      'vbscript:x',
      'blob:https://x',
      'file:///etc/passwd',
      'about:blank',
      'ftp://x/y',
      'ws://x/y',
      'view-source:https://x',
      'mailto:a@b.example',
      'intent://x#Intent;end',
      'android-app://x/y',
      'chrome-extension://abc/cb',
      'ms-word:ofe',
      'search-ms:query=x',
      'search:query=x',
      'microsoft-edge:https://evil.example',
      'shell:downloads',
      'smsto:123',
      'itms-services://x',
      'content://x/y',
      'ldap://x/y',
      'jar:https://x!/y',
      'livescript:x',
    ];
    for (const uri of schemes) {
      expect(redirect(uri, NATIVE), uri).toBe('refused_redirect_uri');
      expect(redirect(uri), uri).toBe('refused_redirect_uri');
    }
  });

  it('A003 A004 A006 what a browser would read otherwise must be written as it is read', () => {
    const others = [
      'https://app.example.com\\@evil.test/',
      'https://app.example.com/a/../b',
      'https://APP.example.com/cb',
      'https://app.example.com:443/cb',
      'HTTPS://app.example.com/cb',
      'https://münchen.example/cb',
      'https:/app.example.com/cb',
      ' https://app.example.com/cb',
    ];
    for (const uri of others) expect(redirect(uri), uri).toBe('refused_redirect_uri');
  });

  it('Y7 loopback http and private-use schemes are for native clients, loopback for confidential ones of the operator too', () => {
    for (const uri of [
      'http://127.0.0.1/cb',
      'http://[::1]:8080/cb',
      'http://localhost:1/cb',
      'com.example.app:/cb',
      'cursor://anysphere.cursor-retrieval/oauth/callback',
      'audiobookshelf://oauth',
      'capacitor://localhost',
      'myapp:/cb',
    ]) {
      const isHttp = uri.startsWith('http:');
      expect(redirect(uri, NATIVE), uri).toBe('accepted');
      expect(redirect(uri), uri).toBe(isHttp ? 'accepted' : 'refused_redirect_uri');
      const byItself = { ...production, selfRegistered: true };
      expect(reasonOf({ redirect_uris: [uri], ...NATIVE }, byItself), uri).toBe('accepted');
      expect(reasonOf({ redirect_uris: [uri] }, byItself), uri).toBe('refused_redirect_uri');
      const open = { redirect_uris: [uri], token_endpoint_auth_method: 'none' };
      expect(reasonOf(open, production), uri).toBe('refused_redirect_uri');
    }
    expect(redirect('http://printer.lan/cb', {})).toBe('refused_redirect_uri');
    const development = { ...production, development: true };
    expect(reasonOf({ redirect_uris: ['http://localhost:3000/cb'] }, development)).toBe('accepted');
  });
});

describe('insecure_redirect_uris', () => {
  const INSECURE = { insecure_redirect_uris: true };
  const ON_PRIVATE_HOSTS = [
    'http://192.168.1.20:8123/auth/callback',
    'http://10.0.0.5/cb',
    'http://172.31.255.255/cb',
    'http://[fd12:3456:789a::1]:3000/cb',
    'http://nas:5000/cb',
    'http://grafana.lan/login/generic_oauth',
    'http://printer.local/cb',
    'http://wiki.corp.internal/cb',
  ];
  const ELSEWHERE = [
    'http://app.example.com/cb',
    'http://8.8.8.8/cb',
    'http://172.32.0.1/cb',
    'http://100.64.0.1/cb',
    'http://169.254.169.254/cb',
    'http://[2001:db8::1]/cb',
    'http://[::ffff:808:808]/cb',
    'http://[::c0a8:101]/cb',
    'http://lan.example.com/cb',
    'http://notlan/../..@evil.example/cb',
    'http://evil.example/.lan',
    'http://evil.example?.local',
    'http://a.b.lan./cb',
    'http://.lan/cb',
    'http://nas./cb',
    'http://a.internal.example/cb',
    'http://xlan.test/cb',
    'http://192.168.1.20.example.com/cb',
  ];

  it('Z5 lets a confidential client of the operator have http on a private host, and nowhere else', () => {
    for (const uri of ON_PRIVATE_HOSTS) {
      expect(redirect(uri, INSECURE), uri).toBe('accepted');
      expect(redirect(uri), uri).toBe('refused_redirect_uri');
      expect(redirect(uri, { insecure_redirect_uris: false }), uri).toBe('refused_redirect_uri');
      const byItself = { ...production, selfRegistered: true };
      expect(reasonOf({ redirect_uris: [uri], ...INSECURE }, byItself), uri).toBe('refused_redirect_uri');
    }
    for (const uri of ELSEWHERE) expect(redirect(uri, INSECURE), uri).toBe('refused_redirect_uri');
  });

  it('is notified of sign-outs by https alone, and the refusal names http on this machine too', () => {
    for (const uri of ['http://localhost:3000/out', 'http://127.0.0.1/out', ...ON_PRIVATE_HOSTS]) {
      for (const member of ['backchannel_logout_uri', 'frontchannel_logout_uri']) {
        const metadata = { redirect_uris: ['https://app.example.com/cb'], ...INSECURE, [member]: uri };
        expect(checkMetadata({ client_name: 'Test app', ...metadata }, production), uri).toMatchObject({
          description: expect.stringContaining(
            'must be https, on this machine too and whatever the client is',
          ),
        });
      }
    }
  });

  it('Z5 signs out to the same places', () => {
    const [uri = ''] = ON_PRIVATE_HOSTS;
    const metadata = { redirect_uris: [uri], post_logout_redirect_uris: [uri] };
    expect(reasonOf({ ...metadata, ...INSECURE })).toBe('accepted');
    expect(reasonOf({ ...metadata, redirect_uris: ['https://app.example.com/cb'] })).toBe(
      'refused_logout_uri',
    );
  });

  it.each([
    ['a public client', { token_endpoint_auth_method: 'none' }],
    ['a native app', { application_type: 'native' }],
    ['an app whose people are not asked', { first_party: true }],
    ['a client that may leave PKCE out', { require_pkce: false }],
  ])('Z5 is not for %s, with https redirects neither', (_what, more) => {
    for (const uri of ['http://nas/cb', 'https://app.example.com/cb'])
      expect(redirect(uri, { ...INSECURE, ...more })).toBe('refused_insecure_redirects');
  });

  it('Z5 no http redirect at all is for profile fapi2', () => {
    const authMethods = authenticationMethods.filter(({ credential }) => credential === 'keys');
    const jwks_uri = 'https://app.example.com/jwks';
    const fapi2: MetadataRules = { ...production, profile: 'fapi2', authMethods };
    const asked = { token_endpoint_auth_method: 'private_key_jwt', jwks_uri };
    expect(reasonOf({ redirect_uris: ['http://nas/cb'], ...asked, ...INSECURE }, fapi2)).toBe(
      'refused_insecure_redirects',
    );
    expect(reasonOf({ redirect_uris: ['http://localhost/cb'], ...asked }, fapi2)).toBe(
      'refused_redirect_uri',
    );
  });
});

describe('private-use schemes', () => {
  it('Core §8.1 are no sector, nor is this machine but in development', () => {
    const pairwise = { subject_type: 'pairwise', ...NATIVE };
    for (const uri of ['com.example.app://victim.example/cb', 'http://127.0.0.1/cb', 'http://localhost/cb']) {
      expect(redirect(uri, pairwise), uri).toBe('unclear_sector');
      const sector_identifier_uri = 'https://app.test/sector.json';
      expect(redirect(uri, { ...pairwise, sector_identifier_uri }), uri).toBe('accepted');
    }
    const local = { redirect_uris: ['http://localhost/cb'], ...pairwise };
    expect(reasonOf(local, { ...production, development: true })).toBe('accepted');
    expect(sectorOf({ redirect_uris: ['com.example.app://victim.example/cb'] })).toBeUndefined();
    expect(
      sectorOf({ redirect_uris: ['https://victim.example/cb', 'com.example.app://victim.example/cb'] }),
    ).toBeUndefined();
  });
});

describe('hosts', () => {
  const base = { redirect_uris: ['https://app.test/cb'] };

  it.each([
    'https://e,frame-src/f',
    'https://e;sandbox/f',
    "https://e'/f",
    'https://*.e.test/f',
    'https://e!/f',
  ])('A106 %s is no URI that may be registered', (uri) => {
    expect(redirect(uri)).toBe('refused_redirect_uri');
    for (const member of ['frontchannel_logout_uri', 'backchannel_logout_uri']) {
      expect(reasonOf({ ...base, [member]: uri }), member).toMatch(
        /^(refused_logout_uri|malformed_metadata)$/,
      );
    }
    expect(reasonOf({ ...base, post_logout_redirect_uris: [uri] })).toBe('refused_logout_uri');
    for (const member of [
      'logo_uri',
      'client_uri',
      'policy_uri',
      'tos_uri',
      'jwks_uri',
      'initiate_login_uri',
    ]) {
      expect(reasonOf({ ...base, [member]: uri }), member).toBe('malformed_metadata');
    }
    expect(reasonOf({ ...base, sector_identifier_uri: uri })).toBe('malformed_metadata');
  });

  it('names, punycode and addresses are taken', () => {
    for (const host of ['a-b.test', 'xn--mnchen-3ya.example', '192.0.2.1:8443', '[2001:db8::1]:8443']) {
      const members = { client_uri: `https://${host}/`, frontchannel_logout_uri: `https://${host}/out` };
      expect(reasonOf({ redirect_uris: [`https://${host}/cb`], ...members }), host).toBe('accepted');
    }
  });

  it('Front-Channel Logout §2: scheme, host and port of the frame are those of a redirect URI', () => {
    const frame = (frontchannel_logout_uri: string) => reasonOf({ ...base, frontchannel_logout_uri });
    expect(frame('https://app.test/out?kept=1')).toBe('accepted');
    for (const uri of ['https://other.test/out', 'https://app.test:8443/out', 'https://a.app.test/out']) {
      expect(frame(uri), uri).toBe('refused_logout_uri');
    }
  });
});

describe('the rest', () => {
  it('a scope about a person is for a client that a person allows something: no refresh token begins that', () => {
    const own = { grant_types: ['client_credentials', 'refresh_token'], scope: 'openid' };
    expect(reasonOf(own)).toBe('user_scope');
    const grant_types = ['authorization_code', 'client_credentials'];
    expect(redirect('https://app.test/cb', { ...own, grant_types })).toBe('accepted');
  });

  it('T13 client_credentials, resources and first_party are for confidential clients', () => {
    const open = { token_endpoint_auth_method: 'none', redirect_uris: ['https://a.test/cb'] };
    expect(reasonOf({ grant_types: ['client_credentials'], token_endpoint_auth_method: 'none' })).toBe(
      'public_with_confidential_grant',
    );
    expect(reasonOf({ ...open, resources: ['https://api.test'] })).toBe('public_resource_server');
    expect(reasonOf({ ...open, first_party: true })).toBe('public_first_party');
  });

  it('T17 access_token_type and _signed_response_alg are one of two, and of a client that has resources', () => {
    const api = { grant_types: ['client_credentials'], resources: ['https://api.test'] };
    expect(reasonOf({ ...api, access_token_type: 'JWT' })).toBe('accepted');
    expect(reasonOf({ ...api, access_token_type: 'at+jwt' })).toBe('accepted');
    expect(reasonOf({ ...api, access_token_type: 'jwt' })).toBe('malformed_metadata');
    expect(reasonOf({ ...api, resources: [], access_token_type: 'JWT' })).toBe('type_without_resources');
    for (const access_token_signed_response_alg of ['ES256', 'RS256', 'PS256']) {
      const isTaken = access_token_signed_response_alg !== 'PS256';
      const by = { ...api, access_token_signed_response_alg };
      expect(reasonOf(by)).toBe(isTaken ? 'accepted' : 'malformed_metadata');
      expect(reasonOf({ ...by, resources: [] })).toBe(
        isTaken ? 'type_without_resources' : 'malformed_metadata',
      );
    }
    expect(reasonOf({ ...api, default_resource: 'api' })).toBe('malformed_resource');
  });

  it('T4 M11 what is not offered cannot be registered', () => {
    expect(reasonOf({ grant_types: ['password'] })).toBe('unknown_grant_type');
    expect(reasonOf({ grant_types: ['implicit'] })).toBe('unknown_grant_type');
    expect(reasonOf({ token_endpoint_auth_method: 'private_key_jwt' })).toBe('unknown_auth_method');
    expect(reasonOf({ redirect_uris: ['https://a.test/cb'], response_types: ['code', 'token'] })).toBe(
      'unknown_response_type',
    );
    expect(reasonOf({ redirect_uris: ['https://a.test/cb'] }, { ...production, profile: 'fapi2' })).toBe(
      'profile_not_available',
    );
    expect(reasonOf({ id_token_signed_response_alg: 'none' })).toBe('malformed_metadata');
  });

  it('A077 names that deceive are refused', () => {
    const unseen = [0x200b, 0x61c, 0xfeff, 0xad, 0x2060, 0x200c, 0x200d, 0x2028, 0x3164, 0x115f, 0xe0041];
    const hidden = unseen.map((codePoint) => `Pay${String.fromCodePoint(codePoint)}pal`);
    for (const client_name of ['', ' ', 'x'.repeat(121), 'a\nb', 'evil\u202Eelgoog', '\u0000', ...hidden]) {
      expect(reasonOf({ client_name }), JSON.stringify(client_name)).toBe('malformed_metadata');
    }
    // Persian and Hindi spell with joiners.
    const spelt = [
      '\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645',
      '\u0915\u094d\u200d\u0937',
      'Gr\u00fc\u00dfe \ud83d\ude00',
    ];
    for (const client_name of spelt) {
      const redirect_uris = ['https://a.test/cb'];
      expect(reasonOf({ client_name, redirect_uris }), JSON.stringify(client_name)).toBe('accepted');
    }
  });

  it('unknown members are ignored (RFC 7591 §2), and defaults are those of the specification', () => {
    const outcome = checkMetadata(
      { client_name: 'A', redirect_uris: ['https://a.test/cb'], nonsense: 1 },
      production,
    );
    expect(outcome).toMatchObject({
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_basic',
      id_token_signed_response_alg: 'ES256',
      application_type: 'web',
    });
    expect(outcome).not.toHaveProperty('nonsense');
  });
});

describe('token_endpoint_auth_signing_alg', () => {
  const toy = { name: 'client_secret_toy', credential: 'secret', algorithms: ['HS256'] } as const;
  // Whatever else the table has, the algorithms are those of private_key_jwt and of the toy.
  const named = ['client_secret_basic', 'private_key_jwt', 'none'];
  const authMethods = [...authenticationMethods.filter(({ name }) => named.includes(name)), toy];
  const rules = { ...production, authMethods };
  const asked = { grant_types: ['client_credentials'], jwks_uri: 'https://app.example.com/jwks' };
  const outcomeOf = (token_endpoint_auth_method: string, token_endpoint_auth_signing_alg: string) =>
    reasonOf({ ...asked, token_endpoint_auth_method, token_endpoint_auth_signing_alg }, rules);

  it('A046 is one by which the method may sign, and any that is offered where the method signs nothing', () => {
    expect(outcomeOf('private_key_jwt', 'PS256')).toBe('accepted');
    expect(outcomeOf('private_key_jwt', 'HS256')).toBe('malformed_metadata');
    expect(outcomeOf('client_secret_toy', 'HS256')).toBe('accepted');
    expect(outcomeOf('client_secret_toy', 'ES256')).toBe('malformed_metadata');
    for (const alg of ['ES256', 'HS256']) expect(outcomeOf('client_secret_basic', alg)).toBe('accepted');
    for (const alg of ['none', 'HS512', '']) expect(outcomeOf('none', alg)).toBe('malformed_metadata');
  });

  it('is refused with the words of what is offered', () => {
    // No row can have it: it is an algorithm of RFC 7518 §3.1 in another spelling.
    const metadata = { client_name: 'Test app', ...asked, token_endpoint_auth_signing_alg: 'es256' };
    const all = authenticationMethods.flatMap(({ algorithms = [] }) => algorithms);
    expect(checkMetadata(metadata, { ...production, authMethods: authenticationMethods })).toMatchObject({
      description: expect.stringContaining(
        `token_endpoint_auth_signing_alg: must be one of ${all.join(', ')}`,
      ),
    });
  });
});
