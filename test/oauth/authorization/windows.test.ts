/** One browser, several windows: what is done in one is no answer to what another asks. */
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findConsent } from '../../../src/storage/tables/consents.ts';
import {
  authorize,
  authorizeUrl,
  confidentialClient,
  newPkce,
  passPages,
  redeem,
  requestOf,
} from '../../support/flow.ts';
import { PASSWORD, startServer, type TestServer } from '../../support/server.ts';
import { createUserAgent, type Page, type UserAgent } from '../../support/user-agent.ts';

let server: TestServer;
const subs: Record<string, string> = {};

beforeAll(async () => {
  server = await startServer();
  for (const name of ['alice', 'bob']) subs[name] = (await server.user(name)).sub;
});
afterAll(() => server.stop());

const signIn = async (agent: UserAgent, username: string) =>
  agent.submit(await agent.open(`${server.issuer}/login?account=another`), { username, password: PASSWORD });
const resume = (agent: UserAgent, page: Page) =>
  agent.open(page.url.replace(/\/(login|consent|select-account)\?/, '/authorize/resume?'));
const asksForPassword = (page: Page) => page.body.includes('name="password"');

it('Z19 Z20 a sign-in in another window does not answer prompt=login, max_age or select_account', async () => {
  const { client } = await confidentialClient(server);
  for (const more of [
    { prompt: 'login' },
    { max_age: '0' },
    { prompt: 'select_account login', max_age: '0' },
  ]) {
    const agent = createUserAgent(server.issuer);
    await passPages(agent, await agent.open(authorizeUrl(server, requestOf(client, newPkce()))));
    server.clock.advance(1000);
    const asked = await agent.open(authorizeUrl(server, requestOf(client, newPkce(), more)));
    server.clock.advance(1000);
    await signIn(agent, 'alice');
    server.clock.advance(300_000);
    const resumed = await resume(agent, asked);
    expect([resumed.location, resumed.url === asked.url], JSON.stringify(more)).toEqual([undefined, true]);
  }
});

it('Z20 who reads the consent page for long signs in again, and auth_time is within max_age', async () => {
  const registered = await confidentialClient(server);
  const agent = createUserAgent(server.issuer);
  const pkce = newPkce();
  const request = requestOf(registered.client, pkce, { max_age: '10' });
  const login = await agent.open(authorizeUrl(server, request));
  const consent = await agent.submit(login, { username: 'alice', password: PASSWORD });
  server.clock.advance(300_000);
  const again = await agent.submit(consent, { decision: 'allow' });
  expect(asksForPassword(again)).toBe(true);
  const { location } = await passPages(agent, again);
  const response = new URL(location ?? '').searchParams;
  const code = response.get('code') ?? '';
  const { body } = await redeem(server, registered, { code, pkce, agent, response });
  const { iat = 0, auth_time } = decodeJwt(body.id_token);
  expect(iat - Number(auth_time)).toBeLessThanOrEqual(10);
});

it('L16 what one person was shown, another does not allow', async () => {
  const registered = await confidentialClient(server);
  const { agent, ...alices } = await authorize(server, registered.client, { more: { scope: 'openid' } });
  const id_token_hint = (await redeem(server, registered, { agent, ...alices })).body.id_token;
  await signIn(agent, 'bob');
  const hinted = requestOf(registered.client, newPkce(), { id_token_hint, scope: 'openid email' });
  const page = await agent.open(authorizeUrl(server, hinted));
  expect(page.body).toContain('<bdi>alice</bdi>');
  await server.gatehouse.db.write((tx) =>
    tx.run('UPDATE sessions SET ended_at = $2 WHERE sub = $1', subs.alice as string, server.clock.nowMs()),
  );
  expect(asksForPassword(await agent.submit(page, { decision: 'allow' }))).toBe(true);
  const { client_id } = registered.client;
  expect(await findConsent(server.gatehouse.db, subs.bob as string, client_id)).toBeUndefined();
  const forged = await agent.submit(page, { decision: 'allow', user: subs.bob as string });
  expect(forged.status).toBe(403);
});
