import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authenticationMethods } from '../../../src/oauth/clients/authentication/index.ts';
import { grants } from '../../../src/oauth/grants/index.ts';
import { authorize, publicClient, redeem, userinfo } from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
  await server.user();
});
afterAll(() => server.stop());

const read = async (url: string) => (await fetch(url)).json() as Promise<Record<string, unknown>>;

describe('metadata', () => {
  it('M2 M3 M4 M5 M6 M7 M8 M9 M10 the document is complete, honest, and has no empty lists', async () => {
    const document = await read(`${server.issuer}/.well-known/openid-configuration`);
    expect(document).toMatchObject({
      issuer: server.issuer,
      response_types_supported: ['code'],
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
      subject_types_supported: ['public', 'pairwise'],
      claims_parameter_supported: true,
      request_parameter_supported: false,
      request_uri_parameter_supported: false,
    });
    expect(document.id_token_signing_alg_values_supported).toContain('RS256');
    // No pushed requests and no mTLS yet: so nothing of them is listed.
    const listed = Object.keys(document).join(' ');
    expect(listed).not.toMatch(/signing_alg_values_supported_for|pushed_authorization|mtls|tls_client|dpop/);
    expect(document.token_endpoint_auth_signing_alg_values_supported).toContain('ES256');
    // Registration is off.
    expect(listed).not.toContain('registration_endpoint');
    expect(document.id_token_signing_alg_values_supported).not.toContain('none');
    for (const value of Object.values(document)) {
      expect(value).not.toBeNull();
      if (Array.isArray(value)) expect(value.length).toBeGreaterThan(0);
    }
  });

  it('M11 grant types and authentication methods are those of the tables', async () => {
    const document = await read(`${server.issuer}/.well-known/openid-configuration`);
    expect(document.grant_types_supported).toEqual(grants.map((grant) => grant.grantType));
    expect(document.token_endpoint_auth_methods_supported).toEqual(
      authenticationMethods.map((method) => method.name),
    );
  });

  it('M11 G1 every endpoint that is advertised answers, and none has a fragment', async () => {
    const document = await read(`${server.issuer}/.well-known/openid-configuration`);
    const urls = Object.entries(document).filter(([name]) => /_endpoint$|^jwks_uri$/.test(name));
    expect(urls.length).toBeGreaterThanOrEqual(6);
    for (const [, url] of urls) {
      expect(String(url)).not.toContain('#');
      expect((await fetch(String(url), { redirect: 'manual' })).status).not.toBe(404);
    }
  });

  it('M1 both documents at all well-known forms, for an issuer with a path too', async () => {
    const tenant = await startServer({ path: '/tenant' });
    const { origin } = new URL(tenant.issuer);
    const forms = [
      `${tenant.issuer}/.well-known/openid-configuration`,
      `${tenant.issuer}/.well-known/oauth-authorization-server`,
      `${origin}/.well-known/oauth-authorization-server/tenant`,
      `${origin}/.well-known/openid-configuration/tenant`,
    ];
    for (const form of forms) expect((await read(form)).issuer).toBe(tenant.issuer);
    await tenant.user();
    const client = await publicClient(tenant);
    const { body } = await redeem(tenant, client, await authorize(tenant, client.client));
    expect((await userinfo(tenant, body.access_token)).status).toBe(200);
    await tenant.stop();
  });

  it('the documents are ready answers: ETag, Cache-Control, 304', async () => {
    for (const path of ['/.well-known/openid-configuration', '/jwks']) {
      const first = await fetch(server.issuer + path);
      expect(first.headers.get('cache-control')).toMatch(/^public, max-age=\d+$/);
      const etag = first.headers.get('etag') ?? '';
      expect((await fetch(server.issuer + path, { headers: { 'if-none-match': etag } })).status).toBe(304);
    }
  });
});
