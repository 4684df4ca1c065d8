/** Two nodes over one PostgreSQL, and through a pooler: what one decides holds at the other within a second. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { endSession } from '../../src/identity/sessions/end-sessions.ts';
import { listLiveSessions } from '../../src/identity/sessions/find-live-sessions.ts';
import type { User } from '../../src/identity/users/users.ts';
import { setClientDisabled } from '../../src/oauth/clients/disable-and-enable-client.ts';
import { rotateClientSecret } from '../../src/oauth/clients/issue-client-secrets.ts';
import { rotateKeys } from '../../src/oauth/keys/rotate-and-revoke-keys.ts';
import {
  authorize,
  authorizeUrl,
  confidentialClient,
  lastReason,
  newPkce,
  passPages,
  post,
  publicClient,
  type Registered,
  redeem,
  refresh,
  requestOf,
  userinfo,
} from '../support/flow.ts';
import { hasPgBouncer, startBehindPgBouncer } from '../support/pgbouncer.ts';
import { startPostgres } from '../support/postgres.ts';
import { PASSWORD, startServer, type TestServer } from '../support/server.ts';
import { createUserAgent, type UserAgent } from '../support/user-agent.ts';

const HELD_WITHIN_MS = 1000;

interface TestDatabase {
  readonly url: string;
  stop(): Promise<void>;
}

let here: TestServer;
let there: TestServer;
let spa: Registered;
let bob: User;

/** Holds within a second; asked until then. */
async function holds(question: () => Promise<boolean>): Promise<void> {
  await vi.waitUntil(question, { timeout: HELD_WITHIN_MS, interval: 20 });
}

/** A browser at the issuer's address, behind which `node` answers. */
function browser(): { agent: UserAgent; go(node: TestServer): void } {
  let node = here;
  const agent = createUserAgent(here.issuer, {}, (url, init) =>
    fetch(url.replace(here.issuer, node.issuer), { ...init, redirect: 'manual' }),
  );
  return {
    agent,
    go(next) {
      node = next;
    },
  };
}

const machine = () =>
  confidentialClient(here, { grant_types: ['client_credentials'], redirect_uris: [], response_types: [] });
const clientCredentials = (node: TestServer, as: Registered) =>
  post(node, '/token', { grant_type: 'client_credentials' }, as);
const tokens = async () => (await redeem(here, spa, await authorize(here, spa.client))).body;
const kidsOf = (keys: readonly { kid: string }[]) => keys.map((key) => key.kid);
const jwks = async (node: TestServer) =>
  ((await (await fetch(`${node.issuer}/jwks`)).json()) as { keys: { kid: string }[] }).keys;

const engines: readonly (readonly [string, () => Promise<TestDatabase>])[] = [
  ['one PostgreSQL', startPostgres],
  ...(hasPgBouncer ? [['PgBouncer in transaction mode', startBehindPgBouncer] as const] : []),
];

describe.each(engines)('over %s', (_name, start) => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await start();
    const environment = { GATEHOUSE_DATABASE: database.url, GATEHOUSE_MASTER_KEY: 'k'.repeat(44) };
    here = await startServer({ environment });
    there = await startServer({ environment: { ...environment, GATEHOUSE_ISSUER: here.issuer } });
    await here.user('alice');
    bob = await here.user('bob');
    await here.user('carol');
    spa = await publicClient(here);
  });
  afterAll(async () => {
    await here.stop();
    await there.stop();
    await database.stop();
  });

  describe('clients and keys', () => {
    it('a client that is made on one node is served by the other', async () => {
      expect((await clientCredentials(there, await machine())).status).toBe(200);
    });

    it('a client that is disabled on one node is refused by the other', async () => {
      const client = await machine();
      expect((await clientCredentials(there, client)).status).toBe(200);
      await setClientDisabled(here.gatehouse, client.client.client_id, true);
      await holds(async () => (await clientCredentials(there, client)).status === 401);
    });

    it('a secret that is rotated on one node is the only one that the other takes', async () => {
      const client = await machine();
      expect((await clientCredentials(there, client)).status).toBe(200);
      const rotated = await rotateClientSecret(here.gatehouse, client.client.client_id, {
        keepOldForSeconds: 0,
      });
      if (!('client_secret' in rotated)) throw new Error('not rotated');
      await holds(async () => (await clientCredentials(there, client)).status === 401);
      const renewed = { client: client.client, client_secret: rotated.client_secret };
      expect((await clientCredentials(there, renewed)).status).toBe(200);
    });

    it('a key that is rotated on one node is published by the other, and what it signs is good at both', async () => {
      const before = await jwks(there);
      await rotateKeys(here.gatehouse, { now: true });
      const kids = kidsOf(await jwks(here));
      expect(kids.length).toBeGreaterThan(before.length);
      await holds(async () => JSON.stringify(kidsOf(await jwks(there))) === JSON.stringify(kids));
      const { access_token } = await tokens();
      for (const node of [here, there]) expect((await userinfo(node, access_token)).status).toBe(200);
    });
  });

  describe('tokens', () => {
    it('a token that is revoked on one node is inactive on the other at once', async () => {
      const { access_token, refresh_token } = await tokens();
      expect((await userinfo(there, access_token)).status).toBe(200);
      await post(here, '/revoke', { token: access_token }, spa);
      expect((await userinfo(there, access_token)).status).toBe(401);
      await post(here, '/revoke', { token: refresh_token }, spa);
      expect((await refresh(there, spa, refresh_token)).body.error).toBe('invalid_grant');
    });

    it('a refresh token moves between the nodes, and its theft is seen on either', async () => {
      const first = await tokens();
      const second = (await refresh(there, spa, first.refresh_token)).body;
      const third = (await refresh(here, spa, second.refresh_token)).body;
      expect((await refresh(there, spa, first.refresh_token)).body.error).toBe('invalid_grant');
      expect((await refresh(here, spa, third.refresh_token)).body.error).toBe('invalid_grant');
    });

    it('20 parallel requests to both nodes: one code succeeds once, one refresh token gets one successor', async () => {
      const nodeOf = (hand: number) => (hand % 2 === 0 ? here : there);
      const hands = Array.from({ length: 20 }, (_, hand) => hand);
      const authorized = await authorize(here, spa.client);
      const redeemed = await Promise.all(hands.map((hand) => redeem(nodeOf(hand), spa, authorized)));
      expect(redeemed.filter((answer) => answer.status === 200)).toHaveLength(1);
      const { refresh_token } = await tokens();
      const refreshed = await Promise.all(hands.map((hand) => refresh(nodeOf(hand), spa, refresh_token)));
      expect(new Set(refreshed.map((answer) => answer.body.refresh_token)).size).toBe(1);
      expect((await refresh(there, spa, refreshed[0]?.body.refresh_token)).status).toBe(200);
    });
  });

  describe('people', () => {
    it('an interaction that began on one node continues on the other, page by page', async () => {
      const { agent, go } = browser();
      const pkce = newPkce();
      const login = await agent.open(authorizeUrl(here, requestOf(spa.client, pkce)));
      expect(login.body).toContain('name="password"');
      go(there);
      const consent = await agent.submit(login, { username: 'bob', password: PASSWORD });
      go(here);
      const page = await passPages(agent, consent, 'bob');
      const code = new URL(page.location ?? '').searchParams.get('code') ?? '';
      const answer = await redeem(there, spa, { code, pkce, agent, response: new URLSearchParams() });
      expect(answer.status).toBe(200);
    });

    it('a session that is ended on one node is ended at the other', async () => {
      const { agent, go } = browser();
      await agent.submit(await agent.open(`${here.issuer}/login`), { username: 'bob', password: PASSWORD });
      go(there);
      expect((await agent.fetch(`${here.issuer}/account`)).status).toBe(200);
      const sessions = await listLiveSessions(here.gatehouse, bob.sub);
      expect(sessions.length).toBeGreaterThan(0);
      for (const { sid } of sessions) await endSession(here.gatehouse, sid, undefined);
      expect((await agent.fetch(`${here.issuer}/account`)).status).toBe(303);
    });

    it('an account that is throttled on one node is throttled at the other', async () => {
      // What was counted of the tests before is told now, not later.
      for (const node of [here, there]) await node.gatehouse.audit.flush();
      const { agent, go } = browser();
      const login = await agent.open(`${here.issuer}/login`);
      for (let failure = 0; failure < 5; failure += 1) {
        go(failure % 2 === 0 ? here : there);
        await agent.submit(login, { username: 'carol', password: 'not the password, at all' });
      }
      for (const node of [here, there]) {
        go(node);
        const page = await agent.submit(login, { username: 'carol', password: PASSWORD });
        expect(page.body).toContain('name="password"');
        expect(await lastReason(node)).toBe('account_throttled');
      }
      there.clock.advance(2000);
      const page = await agent.submit(login, { username: 'carol', password: PASSWORD });
      expect(new URL(page.url).pathname).toBe('/account');
    });
  });
});
