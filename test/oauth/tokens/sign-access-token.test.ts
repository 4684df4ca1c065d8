/** access_token_signed_response_alg: RS256 for readers that take that alone. RFC 9068 §2.1 */
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rotateKeys } from '../../../src/oauth/keys/rotate-and-revoke-keys.ts';
import {
  authorize,
  confidentialClient,
  post,
  type Registered,
  redeem,
  userinfo,
} from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';

const API = 'https://fastmcp.example.com';
const OTHER = 'https://other.example.com';
const ofApi = { grant_types: ['client_credentials'], access_token_signed_response_alg: 'RS256' };

let server: TestServer;
let api: Registered;
let web: Registered;

beforeAll(async () => {
  server = await startServer();
  await server.user();
  api = await server.client({ ...ofApi, resources: [API] });
  await server.client({ grant_types: ['client_credentials'], resources: [OTHER] });
  web = await confidentialClient(server, { scope: 'openid read' });
});
afterAll(() => server.stop());

async function tokensFor(resource: string | undefined) {
  const more = { scope: 'openid read', ...(resource !== undefined && { resource }) };
  return (await redeem(server, web, await authorize(server, web.client, { more }))).body;
}
const introspect = async (token: string) => (await post(server, '/introspect', { token }, api)).body;

describe('T17 a resource server with access_token_signed_response_alg RS256', () => {
  it('gets tokens that a reader of RS256 alone takes, of people and of the client itself', async () => {
    const own = { grant_type: 'client_credentials', resource: API };
    const { body } = await post(server, '/token', own, api);
    const jwks = createRemoteJWKSet(new URL(`${server.issuer}/jwks`));
    const currentDate = new Date(server.clock.nowMs());
    for (const { access_token } of [await tokensFor(API), body]) {
      expect(decodeProtectedHeader(access_token)).toMatchObject({ typ: 'at+jwt', alg: 'RS256' });
      await jwtVerify(access_token, jwks, { audience: API, algorithms: ['RS256'], currentDate });
    }
  });

  it('asks about them and they are revoked as any other, by another node and after a rotation too', async () => {
    const { access_token } = await tokensFor(API);
    server.gatehouse.verifiedTokens.clear();
    expect(await introspect(access_token)).toMatchObject({ active: true, aud: API });
    await rotateKeys(server.gatehouse, { now: true });
    expect(await introspect(access_token)).toMatchObject({ active: true });
    await post(server, '/revoke', { token: access_token }, web);
    expect(await introspect(access_token)).toEqual({ active: false });
  });

  it('others get ES256 as before: other resources, and userinfo', async () => {
    const [other, plain] = [await tokensFor(OTHER), await tokensFor(undefined)];
    for (const { access_token } of [other, plain])
      expect(decodeProtectedHeader(access_token).alg).toBe('ES256');
    expect((await userinfo(server, plain.access_token)).status).toBe(200);
  });

  it('A027 is shown no ID token as an access token, though one key signed both', async () => {
    const resources = ['https://typed.example.com'];
    const both = await server.client({ ...ofApi, resources, access_token_type: 'JWT' });
    const { access_token, id_token } = await tokensFor(resources[0]);
    expect(decodeProtectedHeader(id_token)).toEqual(decodeProtectedHeader(access_token));
    const told = async (token: string) => (await post(server, '/introspect', { token }, both)).body.active;
    expect([await told(access_token), await told(id_token)]).toEqual([true, false]);
    expect((await userinfo(server, id_token)).status).toBe(401);
  });
});
