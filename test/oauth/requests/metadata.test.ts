import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authenticationMethods } from '../../../src/oauth/clients/authentication/index.ts';
import { grants } from '../../../src/oauth/grants/index.ts';
import { listKeys, maintainKeys, rotateKeys } from '../../../src/oauth/keys/rotation.ts';
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
    // No JWT authentication, no pushed requests and no mTLS yet: so nothing of them is listed.
    const listed = Object.keys(document).join(' ');
    expect(listed).not.toMatch(/signing_alg_values_supported_for|pushed_authorization|mtls|tls_client|dpop/);
    expect(listed).not.toContain('token_endpoint_auth_signing_alg_values_supported');
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

describe('keys', () => {
  it('M12 M14 only public parts, unique kid, use and alg; strong keys', async () => {
    const { keys } = (await read(`${server.issuer}/jwks`)) as { keys: Record<string, string>[] };
    expect(new Set(keys.map((key) => key.kid)).size).toBe(keys.length);
    for (const key of keys) {
      expect(key.use).toBe('sig');
      expect(['ES256', 'RS256', 'PS256', 'EdDSA']).toContain(key.alg);
      for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']) expect(key[secret]).toBeUndefined();
    }
    const modulus = keys.find((key) => key.kty === 'RSA')?.n ?? '';
    expect(Buffer.from(modulus, 'base64url').length).toBeGreaterThanOrEqual(256);
  });

  it('M13 a new key is published before it signs, and the old one stays until its last token has expired', async () => {
    const own = await startServer();
    await own.user();
    const client = await publicClient(own);
    const { body } = await redeem(own, client, await authorize(own, client.client));
    const published = async () => (await own.house.keys.published()).map((key) => key.kid);
    const before = await published();
    const maxAgeMs = own.house.settings.jwks_max_age_seconds * 1000;
    const es256 = async (state: string) =>
      (await listKeys(own.house)).find((key) => key.alg === 'ES256' && key.state === state);
    const old = await es256('current');
    await rotateKeys(own.house);
    expect(await published()).toHaveLength(before.length * 2);
    expect((await es256('current'))?.kid).toBe(old?.kid);
    own.clock.advance(maxAgeMs);
    expect((await es256('current'))?.kid).not.toBe(old?.kid);
    expect((await es256('retired'))?.kid).toBe(old?.kid);
    expect(body.access_token).toBeTypeOf('string');
    own.clock.advance(301_000 + 60_000);
    expect(await published()).not.toContain(old?.kid);
    await own.stop();
  });

  it('keys rotate by themselves when their time is near', async () => {
    const own = await startServer({ environment: { GATEHOUSE_KEY_ROTATION_DAYS: '1' } });
    const [first] = await listKeys(own.house);
    own.clock.advance(86_400_000 - 1000);
    await maintainKeys(own.house);
    const kids = (await listKeys(own.house)).map((key) => key.state);
    expect(kids.filter((state) => state === 'next')).toHaveLength(4);
    own.clock.advance(3_600_000);
    await maintainKeys(own.house);
    expect((await listKeys(own.house)).map((key) => key.kid)).not.toContain(first?.kid);
    await own.stop();
  });

  it('private keys are stored sealed, and another master key does not open them', async () => {
    const row = await server.house.db.get<{ private_sealed: string }>('SELECT private_sealed FROM keys');
    expect(row?.private_sealed).not.toContain('"d"');
    expect(Buffer.from(row?.private_sealed ?? '', 'base64url').toString('latin1')).not.toContain('kty');
  });
});
