import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setUserDisabled } from '../../src/identity/users/users.ts';
import {
  authorize,
  post,
  publicClient,
  type Registered,
  redeem,
  refresh,
  userinfo,
} from '../support/flow.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { startServer, type TestServer } from '../support/server.ts';

let postgres: TestPostgres;
let server: TestServer;
let spa: Registered;

beforeAll(async () => {
  postgres = await startPostgres();
  server = await startServer({
    environment: { GATEHOUSE_DATABASE: postgres.url, GATEHOUSE_MASTER_KEY: 'k'.repeat(44) },
  });
  await server.user();
  spa = await publicClient(server);
});
afterAll(async () => {
  await server.stop();
  await postgres.stop();
});

describe('a server on PostgreSQL', () => {
  it('the whole flow: code, refresh, userinfo, revoke', async () => {
    const first = (await redeem(server, spa, await authorize(server, spa.client))).body;
    const renewed = (await refresh(server, spa, first.refresh_token)).body;
    expect((await userinfo(server, renewed.access_token)).status).toBe(200);
    expect((await post(server, '/revoke', { token: renewed.refresh_token }, spa)).status).toBe(200);
    expect((await userinfo(server, renewed.access_token)).status).toBe(401);
  });

  it('a value with NUL names nothing, in whichever parameter it is sent', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const authorization = `Basic ${Buffer.from('b%00:x').toString('base64')}`;
    const ask = (path: string, init: RequestInit) => fetch(`${server.issuer}${path}`, init);
    const body = 'grant_type=client_credentials';
    const refused = await ask('/token', { method: 'POST', headers: { ...form, authorization }, body });
    expect([refused.status, ((await refused.json()) as { error: string }).error]).toEqual([
      401,
      'invalid_client',
    ]);
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const hint = `${encode({ alg: 'ES256', typ: 'JWT', kid: '\0' })}.${encode({ sub: 'a' })}.AAAA`;
    expect((await ask(`/logout?id_token_hint=${hint}`, {})).status).toBeLessThan(500);
    const assertion = `${encode({ alg: 'ES256' })}.${encode({ iss: 'a\0', sub: 'a\0' })}.AAAA`;
    const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
    const asserted = new URLSearchParams({ grant_type: 'client_credentials', client_assertion: assertion });
    asserted.set('client_assertion_type', type);
    expect((await ask('/token', { method: 'POST', body: asserted })).status).toBe(401);
  });

  it('A026 of 20 parallel redemptions exactly one succeeds; A031 20 parallel refreshes make one successor', async () => {
    const authorized = await authorize(server, spa.client);
    const answers = await Promise.all(Array.from({ length: 20 }, () => redeem(server, spa, authorized)));
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1);
    const { body } = await redeem(
      server,
      spa,
      await authorize(server, spa.client, { agent: authorized.agent }),
    );
    const uses = await Promise.all(
      Array.from({ length: 20 }, () => refresh(server, spa, body.refresh_token)),
    );
    expect(new Set(uses.map((answer) => answer.body.refresh_token)).size).toBe(1);
  });

  it('a second node on the same database sees users, clients, codes and what ended', async () => {
    const environment = { GATEHOUSE_DATABASE: postgres.url, GATEHOUSE_MASTER_KEY: 'k'.repeat(44) };
    const second = await startServer({ environment: { ...environment, GATEHOUSE_LOG_LEVEL: 'warn' } });
    const bob = await server.user('bob');
    const authorized = await authorize(server, spa.client, { username: 'bob' });
    const { body } = await redeem(second, spa, authorized);
    expect(body.refresh_token).toBeTypeOf('string');
    await setUserDisabled(server.gatehouse, bob.sub, true);
    expect((await refresh(second, spa, body.refresh_token)).body.error).toBe('invalid_grant');
    await second.stop();
  });

  it('K4 a lost database server gives 503 with Retry-After and not ready, and both recover by themselves', async () => {
    const { body } = await redeem(server, spa, await authorize(server, spa.client));
    const restarting = postgres.restart();
    const during = await refresh(server, spa, body.refresh_token);
    expect([200, 503]).toContain(during.status);
    if (during.status === 503) expect(during.headers.get('retry-after')).not.toBeNull();
    await restarting;
    const again = await refresh(server, spa, during.body.refresh_token ?? body.refresh_token);
    expect(again.status).toBe(200);
    expect((await fetch(`${server.issuer}/health/ready`)).status).toBe(200);
  });
});
