import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCleanUp } from '../../../src/storage/cleanup.ts';
import {
  auditEvents,
  authorize,
  CALLBACK,
  confidentialClient,
  lastReason,
  post,
  publicClient,
  type Registered,
  redeem,
  refresh,
  userinfo,
} from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let web: Registered;
let spa: Registered;

beforeAll(async () => {
  server = await startServer();
  await server.user('alice', { name: 'Alice' });
  web = await confidentialClient(server, { token_endpoint_auth_method: 'client_secret_basic' });
  spa = await publicClient(server);
});
afterAll(() => server.stop());

async function isAlive(access_token: string): Promise<boolean> {
  return (await userinfo(server, access_token)).status === 200;
}

describe('authorization_code', () => {
  it('T5 a code becomes an access token, a refresh token and an ID token', async () => {
    const authorized = await authorize(server, web.client, { more: { nonce: 'n-1', state: 'xyz' } });
    expect(authorized.response.get('state')).toBe('xyz');
    expect(authorized.response.get('iss')).toBe(server.issuer);
    const { status, body, headers } = await redeem(server, web, authorized);
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 300, scope: 'openid' });
    expect(body.refresh_token).toBeTypeOf('string');
  });

  it('T17 the access token is an RFC 9068 JWT with every required claim', async () => {
    const { body } = await redeem(server, spa, await authorize(server, spa.client));
    expect(decodeProtectedHeader(body.access_token)).toMatchObject({ typ: 'at+jwt', alg: 'ES256' });
    const claims = decodeJwt(body.access_token);
    expect(claims).toMatchObject({ iss: server.issuer, aud: server.issuer, client_id: spa.client.client_id });
    expect(Number(claims.exp) - Number(claims.iat)).toBe(300);
    for (const name of ['sub', 'jti', 'auth_time']) expect(claims[name]).toBeDefined();
  });

  it('T18 Z17 the ID token carries nonce, at_hash, auth_time, sid and the client as audience', async () => {
    const nonce = 'n'.repeat(64);
    const { body } = await redeem(server, spa, await authorize(server, spa.client, { more: { nonce } }));
    const claims = decodeJwt(body.id_token);
    expect(decodeProtectedHeader(body.id_token).alg).toBe('RS256');
    expect(claims).toMatchObject({ iss: server.issuer, aud: spa.client.client_id, nonce });
    for (const name of ['sub', 'exp', 'iat', 'auth_time', 'at_hash', 'sid', 'amr'])
      expect(claims[name]).toBeDefined();
  });

  it('T18 a client of profile oauth2.1 gets ES256 by default', async () => {
    const client = await confidentialClient(server, { profile: 'oauth2.1' });
    const { body } = await redeem(server, client, await authorize(server, client.client));
    expect(decodeProtectedHeader(body.id_token).alg).toBe('ES256');
  });

  it('T8 A024 a second valid use of a code revokes the grant', async () => {
    const authorized = await authorize(server, spa.client);
    const first = await redeem(server, spa, authorized);
    expect(await isAlive(first.body.access_token)).toBe(true);
    const second = await redeem(server, spa, authorized);
    expect(second.status).toBe(400);
    expect(second.body.error).toBe('invalid_grant');
    expect(await lastReason(server)).toBe('code_replayed');
    expect(await isAlive(first.body.access_token)).toBe(false);
    expect((await refresh(server, spa, first.body.refresh_token)).body.error).toBe('invalid_grant');
  });

  it('T8 a replay after the code expired still revokes', async () => {
    const authorized = await authorize(server, spa.client);
    const first = await redeem(server, spa, authorized);
    server.clock.advance(35_000);
    expect((await redeem(server, spa, authorized)).body.error).toBe('invalid_grant');
    expect(await isAlive(first.body.access_token)).toBe(false);
  });

  it('T8 a code that is too old to know whether it was spent ends its grant, and is not a replay', async () => {
    const late = await authorize(server, spa.client);
    server.clock.advance(3_600_000);
    const { db, clock, settings } = server.gatehouse;
    await createCleanUp({ db, clock, settings }).run();
    expect((await redeem(server, spa, late)).body.error).toBe('invalid_grant');
    expect(await lastReason(server)).toBe('code_too_old');
    const [latest] = (await auditEvents(server)).filter(
      ({ grant_id }) => grant_id === late.code.split('.')[0],
    );
    expect(latest).toMatchObject({ type: 'grant.revoked', reason: 'code_too_old' });
  });

  it('T8 A025 an invalid replay revokes nothing', async () => {
    const authorized = await authorize(server, spa.client);
    const first = await redeem(server, spa, authorized);
    const wrong = await redeem(server, spa, authorized, { code_verifier: 'x'.repeat(43) });
    expect(wrong.body.error).toBe('invalid_grant');
    expect((await redeem(server, web, authorized)).body.error).toBe('invalid_grant');
    const tail = `${authorized.code.slice(0, -4)}AAAA`;
    expect((await redeem(server, spa, { ...authorized, code: tail })).body.error).toBe('invalid_grant');
    expect(await isAlive(first.body.access_token)).toBe(true);
  });

  it('T6 A022 a code of another client is refused and stays valid for its own client', async () => {
    const authorized = await authorize(server, spa.client);
    expect((await redeem(server, web, authorized)).body.error).toBe('invalid_grant');
    expect(await lastReason(server)).toBe('code_of_other_client');
    const posing = await redeem(server, web, authorized, { client_id: spa.client.client_id });
    expect(posing.body.error).toBe('invalid_client');
    expect((await redeem(server, spa, authorized)).status).toBe(200);
  });

  it('T6 A017 redirect_uri must match when it is sent, and must be sent where PKCE does not bind the code', async () => {
    for (const redirect_uri of ['https://app.example.com/cb2', `${CALLBACK}/`]) {
      const authorized = await authorize(server, spa.client);
      const { body } = await redeem(server, spa, authorized, { redirect_uri });
      expect(body.error).toBe('invalid_grant');
      expect(await lastReason(server)).toBe('wrong_redirect_uri');
    }
    const more = { code_challenge: '', code_challenge_method: '' };
    const bare = await authorize(server, web.client, { more });
    const whole = { redirect_uri: `${CALLBACK}?code=${bare.code}&state=s`, code_verifier: '' };
    expect((await redeem(server, web, bare, whole)).body.error).toBe('invalid_grant');
    const compared = async () => (await auditEvents(server))[0]?.details;
    expect(await compared()).toMatchObject({ redirect_uri: `${CALLBACK}?…`, requested: CALLBACK });
    const without = await redeem(server, web, bare, { redirect_uri: '', code_verifier: '' });
    expect(without.body.error).toBe('invalid_grant');
    expect(await compared()).toMatchObject({ redirect_uri: 'none was sent', requested: CALLBACK });
    expect((await redeem(server, web, bare, { code_verifier: '' })).status).toBe(200);
  });

  it('T6 T8 where PKCE binds the code, redirect_uri may be left out; a replay revokes with and without it', async () => {
    for (const [first, replay] of [
      ['', CALLBACK],
      [CALLBACK, ''],
      ['', ''],
    ] as const) {
      const authorized = await authorize(server, spa.client);
      const { status, body } = await redeem(server, spa, authorized, { redirect_uri: first });
      expect(status).toBe(200);
      const again = await redeem(server, spa, authorized, { redirect_uri: replay });
      expect(again.body.error).toBe('invalid_grant');
      expect(await lastReason(server)).toBe('code_replayed');
      expect(await isAlive(body.access_token)).toBe(false);
    }
  });

  it('T7 A019 A021 the verifier must match: omitted, empty, short, long, illegal, or the challenge itself', async () => {
    const authorized = await authorize(server, spa.client);
    const { code_verifier, code_challenge } = authorized.pkce;
    const wrong = ['', 'a'.repeat(42), 'a'.repeat(129), `${code_verifier.slice(0, -1)}!`, code_challenge];
    for (const verifier of wrong) {
      const { body } = await redeem(server, spa, authorized, { code_verifier: verifier });
      expect(body.error).toBe('invalid_grant');
    }
    const repeated = new URLSearchParams({ grant_type: 'authorization_code', code: authorized.code });
    repeated.append('code_verifier', code_verifier);
    repeated.append('code_verifier', code_verifier);
    expect((await post(server, '/token', repeated, spa)).body.error).toBe('invalid_request');
    expect((await redeem(server, spa, authorized)).status).toBe(200);
  });

  it('T7 a verifier of other characters is refused with that reason, though its hash is the challenge', async () => {
    const code_verifier = 'rxcuIty22sR2EMV+uyvvpPYj3A6zqbLMMrP8G8LUnuo=';
    const code_challenge = createHash('sha256').update(code_verifier).digest('base64url');
    const authorized = await authorize(server, spa.client, { more: { code_challenge } });
    const { body } = await redeem(server, spa, authorized, { code_verifier });
    expect(body).toMatchObject({
      error: 'invalid_grant',
      error_description: expect.stringContaining('43 to 128'),
    });
    expect(await lastReason(server)).toBe('malformed_code_verifier');
  });

  it('T7 A018 a verifier without a challenge is refused', async () => {
    const client = await confidentialClient(server, { profile: 'oidc' });
    const authorized = await authorize(server, client.client, {
      more: { code_challenge: '', code_challenge_method: '' },
    });
    expect((await redeem(server, client, authorized)).body.error).toBe('invalid_grant');
    expect((await redeem(server, client, authorized, { code_verifier: '' })).status).toBe(200);
  });

  it('Z16 A023 a code is good for at most 60 seconds, without any clean-up', async () => {
    const authorized = await authorize(server, spa.client);
    server.clock.advance(61_000);
    expect((await redeem(server, spa, authorized)).body.error).toBe('invalid_grant');
    expect(await lastReason(server)).toBe('code_expired');
  });

  it('one that was made before code_seconds was lowered is good', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'gatehouse-'));
    const environment = { GATEHOUSE_DATABASE: `sqlite:${join(directory, 'gatehouse.db')}` };
    const before = await startServer({ environment });
    await before.user();
    const app = await publicClient(before);
    const authorized = await authorize(before, app.client);
    await before.stop();
    const lowered = await startServer({ environment: { ...environment, GATEHOUSE_CODE_SECONDS: '5' } });
    expect((await redeem(lowered, app, authorized)).status).toBe(200);
    await lowered.stop();
    rmSync(directory, { recursive: true });
  });

  it('T14 T9 a refusal of the gate spends nothing: a foreign resource leaves the code valid', async () => {
    const authorized = await authorize(server, spa.client);
    const resource = 'https://api.example.com';
    expect((await redeem(server, spa, authorized, { resource })).body.error).toBe('invalid_target');
    expect((await redeem(server, spa, authorized)).status).toBe(200);
  });

  it('A026 of 20 parallel redemptions exactly one succeeds', async () => {
    const authorized = await authorize(server, spa.client);
    const answers = await Promise.all(Array.from({ length: 20 }, () => redeem(server, spa, authorized)));
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1);
  });

  it('A028 only the exact bytes of a code work', async () => {
    const authorized = await authorize(server, spa.client);
    const { code } = authorized;
    for (const other of [code.slice(0, -1), `${code}A`, ` ${code}`, `${code}=`, code.toUpperCase()]) {
      expect((await redeem(server, spa, { ...authorized, code: other })).body.error).toBe('invalid_grant');
    }
    expect((await redeem(server, spa, authorized)).status).toBe(200);
  });
});
