/** What Gatehouse does not offer is nowhere: no address, no word in discovery, no grant type, no client that could use it. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { factors } from '../../../src/identity/factors/index.ts';
import { authenticationMethods } from '../../../src/oauth/clients/authentication/index.ts';
import { confidentialClient, post, publicClient, type Registered } from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';

const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code';
const CIBA = 'urn:openid:params:grant-type:ciba';

/** The methods of the IANA registry that the table has not; client certificates are never among those it has (A052). */
const CERTIFICATES = ['tls_client_auth', 'self_signed_tls_client_auth'];
const offered = authenticationMethods.map(({ name }) => name);
const notOffered = [...CERTIFICATES, ...['client_secret_jwt'].filter((name) => !offered.includes(name))];

let server: TestServer;
let service: Registered;
let app: Registered;
let discovery: Record<string, unknown>;

beforeAll(async () => {
  server = await startServer({
    environment: { GATEHOUSE_REGISTRATION: 'open', GATEHOUSE_TRUSTED_PROXIES: '127.0.0.1' },
  });
  service = await server.client({ grant_types: ['client_credentials'] });
  app = await publicClient(server);
  const answer = await fetch(`${server.issuer}/.well-known/openid-configuration`);
  discovery = (await answer.json()) as Record<string, unknown>;
});
afterAll(() => server.stop());

const register = (metadata: Record<string, unknown>) =>
  fetch(`${server.issuer}/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ redirect_uris: ['https://app.example.com/cb'], ...metadata }),
  });

async function isRefused(metadata: Record<string, unknown>): Promise<boolean> {
  const byOperator = await confidentialClient(server, metadata).then(
    () => false,
    () => true,
  );
  return byOperator && (await register(metadata)).status === 400;
}

it('what is offered is registered, by an operator and by itself', async () => {
  expect((await register({})).status).toBe(201);
  expect(await isRefused({})).toBe(false);
});

async function expectAbsent(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const body = new URLSearchParams({ client_id: app.client.client_id, username: 'alice', email: 'a@b.c' });
    expect((await fetch(server.issuer + path)).status, path).toBe(404);
    expect((await fetch(server.issuer + path, { method: 'POST', body })).status, path).toBe(404);
  }
}

describe('addresses that are 404', () => {
  it('M11 A016 of pushed authorization requests', () => expectAbsent(['/par', '/as/par']));

  it('M11 A126 A128 A129 A130 of the device grant', () =>
    expectAbsent(['/device_authorization', '/device', '/device/approve']));

  it('M11 A132 A133 A134 A136 of CIBA', () => expectAbsent(['/backchannel-authentication', '/bc-authorize']));

  it('M11 A061 A073 of passkeys, and of links and codes that sign in', () =>
    expectAbsent(['/account/passkeys', '/magic-link', '/login/code', '/email-code']));

  it('A061 A073 the page of attacks names second factors as not offered exactly when the table has none', () => {
    const page = readFileSync(new URL('../../../docs/explanation/attacks.md', import.meta.url), 'utf8');
    const rows = page.split('\n').filter((line) => /^\| A0(61|73) \|/.test(line));
    expect(rows).toHaveLength(2);
    const saysNone = rows.filter((row) => /not offered/i.test(row));
    const seconds = factors.filter(({ comes }) => comes === 'second').map(({ name }) => name);
    // Whoever adds one writes what is done against these attacks, and takes its paths from the test above.
    expect(saysNone).toEqual(seconds.length === 0 ? rows : []);
  });

  it('M11 A063 of a password reset', () =>
    expectAbsent(['/reset', '/reset-password', '/forgot-password', '/recovery', '/login/reset']));

  it('M11 A075 of accounts that people make themselves', () =>
    expectAbsent(['/signup', '/sign-up', '/account/create', '/account/email', '/verify-email']));
});

it('M11 A016 A052 A126 A132 discovery names none of it', () => {
  const names = Object.keys(discovery).join(' ');
  expect(names).not.toMatch(
    /pushed|device|backchannel_(?!logout)|mtls|tls_client|dpop|authorization_details/,
  );
  expect(JSON.stringify(discovery)).not.toMatch(/device_code|ciba|tls_client_auth/);
  const methods = discovery.token_endpoint_auth_methods_supported;
  for (const method of notOffered) expect(methods).not.toContain(method);
  expect(discovery).toMatchObject({
    request_parameter_supported: false,
    request_uri_parameter_supported: false,
  });
});

async function expectNoGrant(grant_type: string, more: Record<string, string>): Promise<void> {
  for (const client of [service, app]) {
    const { body } = await post(server, '/token', { grant_type, ...more }, client);
    expect(body.error).toBe('unsupported_grant_type');
  }
  expect(await isRefused({ grant_types: [grant_type] })).toBe(true);
}

describe('grant types that no client is served and no client can register', () => {
  it('M11 A126 A127 A131 the device grant', () =>
    expectNoGrant(DEVICE, { device_code: 'x', scope: 'openid' }));

  it('M11 A135 CIBA', () => expectNoGrant(CIBA, { auth_req_id: 'x' }));

  it.each(['jwt-bearer', 'token-exchange', 'saml2-bearer'])('M11 A070 %s', (name) =>
    expectNoGrant(`urn:ietf:params:oauth:grant-type:${name}`, { assertion: 'a.b.c', subject_token: 'x' }),
  );
});

describe('client certificates', () => {
  /** As proxies name them; one of them is trusted here for addresses. */
  const CERTIFICATE = 'MIIBdummy';
  const headers = {
    'x-ssl-client-cert': CERTIFICATE,
    'ssl-client-cert': CERTIFICATE,
    'x-client-cert': CERTIFICATE,
    x_ssl_client_cert: CERTIFICATE,
    'x-ssl-client-verify': 'SUCCESS',
    'x-ssl-client-s-dn': 'CN=api',
    'x-forwarded-client-cert': `Hash=00;Cert="${CERTIFICATE}";Subject="CN=api"`,
    'client-cert': `:${CERTIFICATE}:`,
    'x-amzn-mtls-clientcert': CERTIFICATE,
  };

  it('A051 in headers prove nothing and bind nothing, behind a trusted proxy too', async () => {
    const form = { grant_type: 'client_credentials' };
    const { client_id } = service.client;
    const unproven = await post(server, '/token', { ...form, client_id }, undefined, headers);
    expect(unproven.body.error).toBe('invalid_client');
    const { body } = await post(server, '/token', form, service, headers);
    expect(body.token_type).toBe('Bearer');
    const seen = (await post(server, '/introspect', { token: body.access_token }, service)).body;
    expect(seen).toMatchObject({ active: true });
    expect(seen).not.toHaveProperty('cnf');
    expect((await fetch(`${server.issuer}/userinfo`, { headers })).status).toBe(401);
  });

  it.each(notOffered)('M11 A052 nobody registers for %s', async (token_endpoint_auth_method) => {
    const subject = { tls_client_auth_subject_dn: 'CN=api', tls_client_auth_san_dns: 'api.example.com' };
    expect(await isRefused({ token_endpoint_auth_method, ...subject })).toBe(true);
  });
});
