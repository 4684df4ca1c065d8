import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let rooted: TestServer;

beforeAll(async () => {
  [server, rooted] = await Promise.all([startServer({ path: '/tenant/one' }), startServer()]);
});
afterAll(() => Promise.all([server.stop(), rooted.stop()]));

const originOf = (issuer: string) => new URL(issuer).origin;

describe('the public documents', () => {
  test('M1 an issuer with a path answers at every form that a client may derive', async () => {
    const addresses = [
      `${server.issuer}/.well-known/openid-configuration`,
      `${server.issuer}/.well-known/oauth-authorization-server`,
      `${originOf(server.issuer)}/.well-known/openid-configuration/tenant/one`,
      `${originOf(server.issuer)}/.well-known/oauth-authorization-server/tenant/one`,
    ];
    for (const address of addresses) {
      const response = await fetch(address);
      expect([address, response.status]).toEqual([address, 200]);
      expect(((await response.json()) as { issuer: string }).issuer).toBe(server.issuer);
    }
    expect((await fetch(`${originOf(server.issuer)}/.well-known/openid-configuration`)).status).toBe(404);
    expect((await fetch(`${originOf(server.issuer)}/jwks`)).status).toBe(404);
  });

  test('M1 an issuer without a path answers at both', async () => {
    for (const name of ['openid-configuration', 'oauth-authorization-server']) {
      const response = await fetch(`${rooted.issuer}/.well-known/${name}`);
      expect(response.status).toBe(200);
      expect(((await response.json()) as { issuer: string }).issuer).toBe(rooted.issuer);
    }
  });

  test('M11 every endpoint that discovery names is there', async () => {
    const response = await fetch(`${server.issuer}/.well-known/openid-configuration`);
    const document = (await response.json()) as Record<string, unknown>;
    const named = Object.entries(document).filter(([name]) => /_endpoint$|^jwks_uri$/.test(name));
    expect(named.length).toBeGreaterThan(5);
    for (const [name, address] of named) {
      expect([name, (await fetch(String(address))).status]).not.toEqual([name, 404]);
    }
  });

  test('A064 no Host or forwarding header changes what discovery says', async () => {
    const headers = {
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
      forwarded: 'host=evil.example',
    };
    const response = await fetch(`${server.issuer}/.well-known/openid-configuration`, { headers });
    expect(await response.text()).not.toContain('evil.example');
  });

  test.each(['/jwks', '/.well-known/openid-configuration'])(
    '%s may be cached, and is not sent again',
    async (path) => {
      const first = await fetch(server.issuer + path);
      const etag = first.headers.get('etag') ?? '';
      expect(etag).toMatch(/^"[A-Za-z0-9_-]{43}"$/);
      expect(first.headers.get('cache-control')).toMatch(/^public, max-age=\d+$/);
      expect(first.headers.get('content-type')).toMatch(/^application\/json/);
      for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
        const again = await fetch(server.issuer + path, { headers: { 'if-none-match': known } });
        expect([known, again.status, await again.text()]).toEqual([known, 304, '']);
        expect(again.headers.get('etag')).toBe(etag);
      }
      const other = await fetch(server.issuer + path, { headers: { 'if-none-match': '"other"' } });
      expect(other.status).toBe(200);
    },
  );

  test('an issuer with a path has its pages and cookies below it', async () => {
    const response = await fetch(`${server.issuer}/account`, { redirect: 'manual' });
    expect(response.headers.get('location')).toBe('/tenant/one/login');
    const page = await (await fetch(`${server.issuer}/login`)).text();
    expect(page).toContain('action="/tenant/one/login"');
    const style = /href="([^"]+\.css)"/.exec(page)?.[1] ?? '';
    const asset = await fetch(originOf(server.issuer) + style);
    expect([asset.status, asset.headers.get('content-type')]).toEqual([200, 'text/css; charset=utf-8']);
    expect(asset.headers.get('cache-control')).toContain('immutable');
  });
});
