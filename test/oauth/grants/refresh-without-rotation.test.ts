/** A confidential client's refresh token that stays as it is. RFC 9700 §2.2.2, §4.14.2 */
import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { updateClient } from '../../../src/oauth/clients/create-and-update-clients.ts';
import { engines, startServerOn } from '../../support/engines.ts';
import {
  authorize,
  confidentialClient,
  lastReason,
  post,
  publicClient,
  type Registered,
  redeem,
  refresh,
} from '../../support/flow.ts';
import { grantTypes, startServer, type TestServer } from '../../support/server.ts';

const DAY_MS = 86_400_000;
const STEADY = { refresh_token_rotation: false };
const OFFLINE = { more: { scope: 'openid offline_access', prompt: 'consent' } };

describe.each(engines)('%s', (engine) => {
  let server: TestServer;
  let app: Registered;
  beforeAll(async () => {
    const environment = { GATEHOUSE_MASTER_KEY: 'k'.repeat(44) };
    server = await startServerOn(engine, { environment });
    await server.user();
    app = await confidentialClient(server, STEADY);
  });
  afterAll(() => server.stop());

  const tokensOf = async (as: Registered) =>
    (await redeem(server, as, await authorize(server, as.client, OFFLINE))).body;
  const change = (as: Registered, metadata: Record<string, unknown>) =>
    updateClient(server.gatehouse, grantTypes, as.client.client_id, metadata);

  it('is the same in each answer, however often and late it is used', async () => {
    const { refresh_token, access_token } = await tokensOf(app);
    for (const waitMs of [0, 0, 11_000, DAY_MS]) {
      server.clock.advance(waitMs);
      const { status, body } = await refresh(server, app, refresh_token);
      expect([status, body.refresh_token]).toEqual([200, refresh_token]);
      expect(body.access_token).not.toBe(access_token);
    }
  });

  it('20 at once are all answered', async () => {
    const { refresh_token } = await tokensOf(app);
    const hands = Array.from({ length: 20 }, () => refresh(server, app, refresh_token));
    expect((await Promise.all(hands)).map(({ status }) => status)).toEqual(Array(20).fill(200));
  });

  it('T11 each use puts off the end of one that is not used, and none the end of its grant', async () => {
    const { refresh_token } = await tokensOf(app);
    for (const status of [200, 200, 200, 400]) {
      server.clock.advance(25 * DAY_MS);
      expect((await refresh(server, app, refresh_token)).status).toBe(status);
    }
    const unused = await tokensOf(app);
    server.clock.advance(31 * DAY_MS);
    expect((await refresh(server, app, unused.refresh_token)).body.error).toBe('invalid_grant');
  });

  it('T9 A036 is good for its client alone, which proves itself, and ends when it is revoked', async () => {
    const { refresh_token } = await tokensOf(app);
    const other = await confidentialClient(server, STEADY);
    expect((await refresh(server, other, refresh_token)).body.error).toBe('invalid_grant');
    expect((await refresh(server, { ...app, client_secret: 'wrong' }, refresh_token)).status).toBe(401);
    expect((await refresh(server, app, refresh_token)).status).toBe(200);
    await post(server, '/revoke', { token: refresh_token }, app);
    expect((await refresh(server, app, refresh_token)).body.error).toBe('invalid_grant');
  });

  it('A032 one that was rotated before is reuse, and ends the grant as before', async () => {
    const changing = await confidentialClient(server);
    const first = (await tokensOf(changing)).refresh_token;
    const second = (await refresh(server, changing, first)).body.refresh_token;
    expect(second).not.toBe(first);
    await change(changing, STEADY);
    expect((await refresh(server, changing, second)).body.refresh_token).toBe(second);
    // Another use of it is no new grace for what came before.
    server.clock.advance(11_000);
    await refresh(server, changing, second);
    expect((await refresh(server, changing, first)).body.error).toBe('invalid_grant');
    expect(await lastReason(server)).toBe('refresh_token_reused');
    expect((await refresh(server, changing, second)).body.error).toBe('invalid_grant');
  });

  it('is rotated again once rotation is on again', async () => {
    const changing = await confidentialClient(server, STEADY);
    const { refresh_token } = await tokensOf(changing);
    await change(changing, { refresh_token_rotation: true });
    expect((await refresh(server, changing, refresh_token)).body.refresh_token).not.toBe(refresh_token);
  });

  it('is no choice of a public client', async () => {
    await expect(publicClient(server, STEADY)).rejects.toThrow('cannot be false for a public client');
    const spa = await publicClient(server, { refresh_token_rotation: true });
    const { refresh_token } = await tokensOf(spa);
    expect((await refresh(server, spa, refresh_token)).body.refresh_token).not.toBe(refresh_token);
  });
});

it('FAPI 2.0 §5.3.2.1: with profile fapi2 refresh tokens are not rotated', async () => {
  const server = await startServer({ environment: { GATEHOUSE_UNFINISHED_PROFILES: 'true' } });
  await server.user();
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const app = await confidentialClient(server, {
    profile: 'fapi2',
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: { keys: [{ ...(await exportJWK(publicKey)), alg: 'ES256', kid: 'mine' }] },
  });
  const { client_id } = app.client;
  const ask = async (form: Record<string, string>) => {
    const assertion = await new SignJWT({ iss: client_id, sub: client_id, jti: randomUUID() })
      .setProtectedHeader({ alg: 'ES256', kid: 'mine' })
      .setAudience(server.issuer)
      .setIssuedAt()
      .setExpirationTime('1 min')
      .sign(privateKey);
    const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
    const proof = { client_assertion_type: type, client_assertion: assertion };
    return (await post(server, '/token', { client_id, ...form, ...proof })).body;
  };
  const { code, pkce } = await authorize(server, app.client);
  const redirect_uri = app.client.metadata.redirect_uris[0] ?? '';
  const { code_verifier } = pkce;
  const first = await ask({ grant_type: 'authorization_code', code, redirect_uri, code_verifier });
  const { refresh_token } = first;
  expect((await ask({ grant_type: 'refresh_token', refresh_token })).refresh_token).toBe(refresh_token);
  await server.stop();
});
