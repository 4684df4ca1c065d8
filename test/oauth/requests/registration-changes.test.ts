import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { replaceClient, updateClient } from '../../../src/oauth/clients/create-and-update-clients.ts';
import { decideConsent } from '../../../src/oauth/page-models/consent.ts';
import { resumeAuthorization } from '../../../src/oauth/requests/authorization.ts';
import { markClientUsed } from '../../../src/storage/tables/clients.ts';
import { answerOf, auditEvents, authorizeUrl, CALLBACK, newPkce, passPages } from '../../support/flow.ts';
import { grantTypes, PASSWORD, startServer, type TestServer } from '../../support/server.ts';
import { createUserAgent, type Page, type UserAgent } from '../../support/user-agent.ts';

const EVIL = 'https://evil.test/cb';
let server: TestServer;
let agent: UserAgent;

/** Done once, before the next write of a request. */
let meanwhile: () => Promise<unknown> = async () => {};
// biome-ignore lint/suspicious/noExplicitAny: what comes over the wire is looked at member by member
let app: any;

const FACE = {
  client_name: 'Nice app',
  redirect_uris: [CALLBACK],
  client_uri: 'https://app.example.com',
  logo_uri: 'https://app.example.com/logo.png',
};

beforeAll(async () => {
  server = await startServer({
    environment: { GATEHOUSE_REGISTRATION: 'open' },
    requestsThrough: (db) => ({
      ...db,
      async write(body) {
        const happens = meanwhile;
        meanwhile = async () => {};
        await happens();
        return db.write(body);
      },
    }),
  });
  await server.user();
});
afterAll(() => server.stop());
beforeEach(async () => {
  agent = createUserAgent(server.issuer);
  app = (await send('POST', `${server.issuer}/register`, FACE)).body;
});

async function send(method: string, url: string, body: unknown) {
  const headers = {
    'content-type': 'application/json',
    authorization: `Bearer ${app?.registration_access_token}`,
  };
  return answerOf(await fetch(url, { method, headers, body: JSON.stringify(body) }));
}

const change = (members: Record<string, unknown>) =>
  send('PUT', app.registration_client_uri, { client_id: app.client_id, ...FACE, ...members });

function open(more: Record<string, string> = {}): Promise<Page> {
  const request = {
    response_type: 'code',
    client_id: app.client_id,
    redirect_uri: CALLBACK,
    scope: 'openid',
    code_challenge: newPkce().code_challenge,
    code_challenge_method: 'S256',
    ...more,
  };
  return agent.open(authorizeUrl(server, request));
}

/** Signs in, and gives the page that asks. */
async function toConsent(): Promise<Page> {
  const page = await agent.submit(await open(), { username: 'alice', password: PASSWORD });
  expect(page.body).toContain('id="allow"');
  return page;
}

const silently = async (redirect_uri = CALLBACK) =>
  new URL((await open({ prompt: 'none', redirect_uri })).location ?? '').searchParams;

describe('A076 Y6 P9 G11 an app that changes its registration while its user is asked', () => {
  it('gets no code where it was, and no consent for what it has become', async () => {
    const page = await toConsent();
    expect((await change({ client_name: 'Evil', redirect_uris: [EVIL] })).status).toBe(200);
    const answer = await agent.submit(page, { decision: 'allow' });
    expect(answer.status).toBe(400);
    expect(answer.location).toBeUndefined();
    expect(answer.body).toContain('This sign-in is over');
    expect((await silently(EVIL)).get('error')).toBe('consent_required');
  });

  it('ends the sign-in where only its name changed, in the same millisecond, on every page', async () => {
    const login = await open();
    expect((await change({ client_name: 'Evil' })).status).toBe(200);
    const answer = await agent.submit(login, { username: 'alice', password: PASSWORD });
    expect({ status: answer.status, location: answer.location }).toEqual({
      status: 400,
      location: undefined,
    });
    const resume = `${server.issuer}/authorize/resume?interaction=${new URL(login.url).searchParams.get('interaction')}`;
    expect((await agent.open(resume)).status).toBe(400);
    expect((await auditEvents(server))[0]).toMatchObject({ reason: 'client_changed' });
  });

  it('is asked once more in the transaction that decides, and in the one that makes the code', async () => {
    const interaction = new URL((await toConsent()).url).searchParams.get('interaction') ?? '';
    const cookie = (name: 'session' | 'browser') => agent.cookies.get(agent.names[name]);
    const source = { address: '192.0.2.1', userAgent: '', requestId: 'one' };
    const call = { interaction, browser: cookie('browser'), session: cookie('session'), source };
    const { gatehouse } = server;
    const sub = (await gatehouse.db.get<{ sub: string }>('SELECT sub FROM users'))?.sub ?? '';
    const changedMeanwhile = (members: Record<string, unknown>): typeof gatehouse => ({
      ...gatehouse,
      db: {
        ...gatehouse.db,
        async write(body) {
          await change(members);
          return gatehouse.db.write(body);
        },
      },
    });
    const decided = (context: typeof gatehouse) =>
      decideConsent(context, { ...call, sub, decision: 'allow' });
    await expect(decided(changedMeanwhile({ client_name: 'Evil' }))).rejects.toThrow('registration');
    expect(await gatehouse.db.all('SELECT * FROM consents WHERE client_id = $1', app.client_id)).toEqual([]);
    await change({});
    await decided(gatehouse);
    const resumed = resumeAuthorization(changedMeanwhile({ redirect_uris: [EVIL] }), call);
    await expect(resumed).rejects.toThrow('registration');
    expect(await gatehouse.db.all('SELECT * FROM grants WHERE client_id = $1', app.client_id)).toEqual([]);
  });

  it('gets no silent code after the change, where it got one before', async () => {
    const { client } = await server.client({ redirect_uris: [CALLBACK], first_party: true });
    const { client_id } = client;
    await agent.submit(await open({ client_id }), { username: 'alice', password: PASSWORD });
    const before = (await open({ client_id, prompt: 'none' })).location;
    expect(before).toMatch(/[?&]code=/);
    meanwhile = () => updateClient(server.gatehouse, grantTypes, client_id, { redirect_uris: [EVIL] });
    const answer = await open({ client_id, prompt: 'none' });
    expect([answer.status, answer.location]).toEqual([400, undefined]);
  });

  it('continues where only its first use changed, or where it sends the same metadata again', async () => {
    const page = await toConsent();
    await server.gatehouse.db.write((tx) => markClientUsed(tx, app.client_id, server.clock.nowMs(), 0));
    expect((await change({})).status).toBe(200);
    const answer = await agent.submit(page, { decision: 'allow' });
    expect(new URL(answer.location ?? '').searchParams.get('code')).toBeTruthy();
  });
});

describe('Y6 what was allowed ends with what it was allowed to', () => {
  it.each([
    { client_name: 'Other' },
    { logo_uri: 'https://app.example.com/other.png' },
    { client_uri: undefined },
    { policy_uri: 'https://app.example.com/policy' },
    { tos_uri: 'https://app.example.com/tos' },
    { frontchannel_logout_uri: 'https://app.example.com/out' },
    { backchannel_logout_uri: 'https://app.example.com/out' },
    { post_logout_redirect_uris: ['https://app.example.com/bye'] },
    { jwks_uri: 'https://app.example.com/jwks.json' },
  ])('%j', async (members) => {
    await passPages(agent, await open());
    expect((await silently()).get('code')).toBeTruthy();
    expect((await change(members)).status).toBe(200);
    expect((await silently()).get('error')).toBe('consent_required');
  });

  it('stays where the app sends the same again, or what no person is asked about', async () => {
    await passPages(agent, await open());
    expect((await change({ contacts: ['dev@app.example.com'] })).status).toBe(200);
    expect((await silently()).get('code')).toBeTruthy();
  });

  it('is compared with the current row, not with the row before a fetch', async () => {
    await change({ client_name: 'Evil' });
    const evil = await server.gatehouse.clients.find(app.client_id);
    if (!evil) throw new Error('the client is gone');
    await change({});
    await passPages(agent, await open());
    const own = grantTypes.filter(({ selfRegistered }) => selfRegistered);
    await replaceClient(server.gatehouse, own, evil, { ...FACE, client_name: 'Evil' });
    expect((await silently()).get('error')).toBe('consent_required');
  });
});
