/** What Gatehouse does not offer is nowhere: no address, no word in discovery, no grant type, no client that could use it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { confidentialClient, post, publicClient, type Registered } from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';

const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code';
const CIBA = 'urn:openid:params:grant-type:ciba';

/** As DESIGN names them, and as other servers do. */
const ABSENT = {
  'pushed authorization requests': ['/par'],
  'the device grant': ['/device_authorization', '/device', '/device/approve'],
  CIBA: ['/backchannel-authentication', '/bc-authorize'],
  'second factors': ['/second-factor', '/otp', '/totp', '/account/totp', '/account/passkeys'],
  'a link that signs in': ['/magic-link', '/login/link', '/login/code'],
  'a password reset': ['/reset', '/reset-password', '/forgot-password', '/recovery', '/login/reset'],
  'accounts that people make themselves': ['/signup', '/sign-up', '/account/create', '/verify-email'],
};

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

describe('addresses', () => {
  it.each(Object.entries(ABSENT))('M11 A016 A063 A073 A075 A126 A134 %s: 404', async (_what, paths) => {
    for (const path of paths) {
      const body = new URLSearchParams({
        client_id: app.client.client_id,
        username: 'alice',
        email: 'a@b.c',
      });
      expect((await fetch(server.issuer + path)).status, path).toBe(404);
      expect((await fetch(server.issuer + path, { method: 'POST', body })).status, path).toBe(404);
    }
  });

  it('M11 A016 A052 A126 A132 discovery names none of it', () => {
    const names = Object.keys(discovery).join(' ');
    expect(names).not.toMatch(
      /pushed|device|backchannel_(?!logout)|mtls|tls_client|dpop|authorization_details/,
    );
    expect(JSON.stringify(discovery)).not.toMatch(/device_code|ciba|tls_client_auth|client_secret_jwt/);
    expect(discovery).toMatchObject({
      request_parameter_supported: false,
      request_uri_parameter_supported: false,
    });
  });
});

describe('grant types', () => {
  const forms = [
    { grant_type: DEVICE, device_code: 'x' },
    { grant_type: CIBA, auth_req_id: 'x' },
    { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: 'a.b.c' },
    { grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange', subject_token: 'x' },
    { grant_type: 'urn:ietf:params:oauth:grant-type:saml2-bearer', assertion: 'x' },
  ];

  it.each(forms)(
    'M11 A126 A127 A131 A135 $grant_type is served to nobody and registered by nobody',
    async (form) => {
      for (const client of [service, app]) {
        expect((await post(server, '/token', form, client)).body.error).toBe('unsupported_grant_type');
      }
      expect(await isRefused({ grant_types: ['authorization_code', form.grant_type] })).toBe(true);
    },
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

  it.each(['tls_client_auth', 'self_signed_tls_client_auth', 'client_secret_jwt'])(
    'M11 A052 nobody registers for %s',
    async (token_endpoint_auth_method) => {
      const subject = { tls_client_auth_subject_dn: 'CN=api', tls_client_auth_san_dns: 'api.example.com' };
      expect(await isRefused({ token_endpoint_auth_method, ...subject })).toBe(true);
    },
  );
});
