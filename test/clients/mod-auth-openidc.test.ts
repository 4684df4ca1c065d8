import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Registered, refresh, userinfo } from '../support/flow.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { type Apache, startApache } from './apache/apache.ts';
import { obtainApache } from './apache/packages.ts';
import { newVisitor, type Visitor } from './web-app.ts';

const directory = mkdtempSync(join(tmpdir(), 'gatehouse-apache-'));
const files = await obtainApache(directory);
if (typeof files === 'string') {
  process.stderr.write(`mod_auth_openidc is not tested here: ${files}\n`);
  // No hook runs where everything is skipped.
  removeDirectory();
}

function removeDirectory(): void {
  rmSync(directory, { recursive: true, force: true });
}

let server: TestServer;
let registered: Registered;
let apache: Apache;
let visitor: Visitor;

afterAll(removeDirectory);

describe.skipIf(typeof files === 'string')('libapache2-mod-auth-openidc', () => {
  beforeAll(async () => {
    if (typeof files === 'string') return;
    server = await startServer({ environment: { GATEHOUSE_OUTBOUND_ALLOW: 'localhost 127.0.0.0/8' } });
    await server.user('alice', { name: 'Alice Adler' });
    apache = await startApache(files, directory, configure);
  });
  afterAll(async () => {
    await apache?.stop();
    await server?.stop();
  });
  beforeEach(async () => {
    visitor = newVisitor(server, apache);
    expect((await visitor.signIn(await get('/app'))).body).toBe('the app page');
  });

  // OIDCUnAuthAction: the fetch of node says that it is no navigation, and would get 401.
  async function configure(origin: string): Promise<string> {
    registered = await server.client({
      redirect_uris: [`${origin}/oidc`],
      post_logout_redirect_uris: [`${origin}/index`],
      backchannel_logout_uri: `${origin}/oidc?logout=backchannel`,
    });
    const { client, client_secret } = registered;
    return `
      OIDCProviderMetadataURL ${server.issuer}/.well-known/openid-configuration
      OIDCClientID ${client.client_id}
      OIDCClientSecret ${client_secret}
      OIDCProviderTokenEndpointAuth client_secret_basic
      OIDCPKCEMethod S256
      OIDCIDTokenSignedResponseAlg RS256
      OIDCScope "openid profile email"
      OIDCRedirectURI ${origin}/oidc
      OIDCCryptoPassphrase a-long-secret-of-the-app-for-its-cookies
      OIDCRemoteUserClaim email
      OIDCInfoHook access_token refresh_token userinfo
      <LocationMatch "^/(app|always|oidc)">
        AuthType openid-connect
        Require valid-user
        OIDCUnAuthAction auth true
        Header set X-Remote-User expr=%{REMOTE_USER}
        Header set X-Name "%{OIDC_CLAIM_name}e"
      </LocationMatch>
      <Location "/always">
        OIDCRefreshAccessTokenBeforeExpiry 86400
      </Location>`;
  }

  const get = (path: string) => visitor.app.fetch(`${apache.origin}${path}`);
  const info = async () => JSON.parse((await get('/oidc?info=json')).body);

  it('signs in with PKCE and reads the person from the ID token and userinfo', async () => {
    const { headers } = await get('/app');
    expect(headers.get('x-remote-user')).toBe('alice@example.com');
    expect(headers.get('x-name')).toBe('Alice Adler');
    expect((await info()).userinfo).toMatchObject({ name: 'Alice Adler', email: 'alice@example.com' });
  });

  it('refreshes by its hook, and where it stands a page refreshes before the access token expires', async () => {
    const first = await info();
    const back = `${apache.origin}/app`;
    const query = new URLSearchParams({ refresh: back, access_token: first.access_token });
    expect((await get(`/oidc?${query}`)).location).toBe(back);
    const second = await info();
    expect((await get('/always')).body).toBe('the always page');
    const third = await info();
    for (const name of ['access_token', 'refresh_token']) {
      expect(new Set([first[name], second[name], third[name]]).size).toBe(3);
    }
    expect((await userinfo(server, third.access_token)).status).toBe(200);
  });

  it('signs out of both, and the tokens are dead', async () => {
    const { access_token, refresh_token } = await info();
    const leaving = await get(`/oidc?${new URLSearchParams({ logout: `${apache.origin}/index` })}`);
    expect(leaving.location).toContain(`${server.issuer}/logout?`);
    // With its ID token nobody is asked.
    expect((await visitor.provider.open(leaving.location ?? '')).location).toBe(`${apache.origin}/index`);
    expect((await userinfo(server, access_token)).status).toBe(401);
    expect((await refresh(server, registered, refresh_token)).body.error).toBe('invalid_grant');
    await expectSignedOut();
  });

  it('is told over the back channel that the person signed out elsewhere', async () => {
    const page = await visitor.provider.open(`${server.issuer}/logout`);
    expect((await visitor.provider.submit(page, {})).body).toContain('Signed out');
    expect(apache.log()).not.toContain('auth_openidc:error');
    await expectSignedOut();
  });

  async function expectSignedOut(): Promise<void> {
    const again = await get('/app');
    expect(again.location).toContain(`${server.issuer}/authorize?`);
    expect((await visitor.provider.open(again.location ?? '')).body).toContain('name="password"');
  }
});
