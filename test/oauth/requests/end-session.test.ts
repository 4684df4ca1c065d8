import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { setUserDisabled } from '../../../src/identity/users/users.ts';
import { listOutbox } from '../../../src/storage/tables/outbox.ts';
import {
  auditEvents,
  authorize,
  CALLBACK,
  confidentialClient,
  type Registered,
  redeem,
  refresh,
} from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { formOf, type UserAgent } from '../../support/user-agent.ts';

const AFTER = 'https://app.example.com/bye';
let server: TestServer;
let receiver: Server;
let status = 200;
let told: URLSearchParams[] = [];
let app: Registered;

beforeAll(async () => {
  receiver = createServer((request, response) => {
    if (request.url === '/hang') return;
    if (request.url === '/switch') {
      request.socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
      return;
    }
    if (request.url === '/drop') return void request.socket.destroy();
    if (request.url === '/moved') return void response.writeHead(302, { location: '/logout' }).end();
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.once('end', () => {
      told.push(new URLSearchParams(body));
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((done) => receiver.listen(0, '127.0.0.1', done));
  server = await startServer({ environment: { GATEHOUSE_OUTBOUND_ALLOW: 'localhost 127.0.0.0/8' } });
  await server.user();
  app = await confidentialClient(server, {
    post_logout_redirect_uris: [AFTER],
    backchannel_logout_uri: `${receiverUrl()}/logout`,
  });
});
afterAll(async () => {
  await server.stop();
  receiver.closeAllConnections();
  receiver.close();
});
beforeEach(() => {
  told = [];
  status = 200;
});

async function signIn(more: Record<string, string> = {}) {
  const authorized = await authorize(server, app.client, { more: { scope: 'openid', ...more } });
  return { agent: authorized.agent, ...(await redeem(server, app, authorized)).body };
}

const receiverUrl = (host = '127.0.0.1') => `http://${host}:${(receiver.address() as AddressInfo).port}`;
const at = (parameters: Record<string, string>) =>
  `${server.issuer}/logout?${new URLSearchParams(parameters)}`;
const isSignedIn = async (agent: UserAgent) => (await agent.fetch(`${server.issuer}/account`)).status === 200;

/** As from an app's page: without the cookies, which come with the GET after it. */
async function postFromElsewhere(agent: UserAgent, fields: Record<string, string> | URLSearchParams) {
  const cookies = new Map(agent.cookies);
  agent.cookies.clear();
  const body = new URLSearchParams(fields);
  const page = await agent.fetch(`${server.issuer}/logout`, { method: 'POST', body });
  for (const [name, value] of cookies) agent.cookies.set(name, value);
  return page;
}

/** The same ID token as somebody in many groups has it: 30 kB. */
function longer(id_token: string): Promise<string> {
  const groups = Array.from({ length: 900 }, (_, index) => `a group with a name ${index}`);
  return server.gatehouse.keys.sign('ES256', 'JWT', { ...decodeJwt(id_token), groups });
}

describe('RP-initiated logout', () => {
  it('O1 O2 O4 the ID token of the session speaks for the person, by GET and by POST', async () => {
    const first = await signIn();
    const parameters = { id_token_hint: first.id_token, post_logout_redirect_uri: AFTER, state: 'a b&c' };
    expect((await first.agent.fetch(at(parameters))).location).toBe(`${AFTER}?state=a+b%26c`);
    expect(await isSignedIn(first.agent)).toBe(false);
    const second = await signIn();
    const body = { ...parameters, id_token_hint: second.id_token };
    const posted = await postFromElsewhere(second.agent, body);
    expect((await second.agent.fetch(posted.location ?? '')).location).toContain(AFTER);
    expect(await isSignedIn(second.agent)).toBe(false);
  });

  it('O2 an ID token of 30 kB speaks for the person by POST, and is in no address', async () => {
    const { agent, id_token } = await signIn();
    const long = await longer(id_token);
    expect(long.length).toBeGreaterThan(28_000);
    const page = await postFromElsewhere(agent, {
      id_token_hint: long,
      post_logout_redirect_uri: AFTER,
      state: 's',
    });
    expect(page.location?.length).toBeLessThan(1000);
    expect(page.location).not.toContain(long.split('.')[1]?.slice(0, 500));
    expect((await agent.fetch(page.location ?? '')).location).toBe(`${AFTER}?state=s`);
    expect(await isSignedIn(agent)).toBe(false);
  });

  it('O2 the value that replaces an ID token in an address has the same effect, and only there', async () => {
    const [mine, other] = [await signIn(), await signIn()];
    const posted = await postFromElsewhere(other.agent, { id_token_hint: other.id_token });
    const carried = new URL(posted.location ?? '').searchParams.get('id_token_hint') ?? '';
    expect((await mine.agent.open(at({ id_token_hint: carried }))).body).toContain('id="confirm"');
    const [payload, code] = carried.split('.');
    for (const id_token_hint of [`${payload}A.${code}`, `${payload}.`, `${payload}`, '.', `${carried}.x`])
      expect((await other.agent.open(at({ id_token_hint }))).body, id_token_hint).toContain('id="confirm"');
    const more = { id_token_hint: carried, prompt: 'none' };
    const refused = await authorize(server, app.client, { agent: other.agent, more });
    expect(refused.response.get('error')).toBe('invalid_request');
    const again = await postFromElsewhere(other.agent, { id_token_hint: carried });
    await other.agent.fetch(again.location ?? '');
    expect(await isSignedIn(other.agent)).toBe(false);
    expect(await isSignedIn(mine.agent)).toBe(true);
  });

  it('a POST with a hint that cannot be read has none in its address, and with two it is refused', async () => {
    const { agent, id_token } = await signIn();
    const posted = await postFromElsewhere(agent, { id_token_hint: 'x.y.z', state: 'kept' });
    expect(posted.location).toBe(at({ id_token_hint: 'unreadable', state: 'kept' }));
    expect((await agent.open(posted.location ?? '')).body).toContain('id="confirm"');
    const twice = new URLSearchParams([
      ['id_token_hint', id_token],
      ['id_token_hint', id_token],
    ]);
    expect((await postFromElsewhere(agent, twice)).status).toBe(400);
    expect(await isSignedIn(agent)).toBe(true);
  });

  it.each([100, 7500])(
    'the question with a hint of %i characters offers no language that cannot be had',
    async (length) => {
      const { agent } = await signIn();
      const page = await agent.open(at({ id_token_hint: 'a'.repeat(length) }));
      const links = [...page.body.matchAll(/href="([^"]*\/language[^"]*)"/g)].map(([, href = '']) => href);
      expect(links.length > 0).toBe(length < 2000);
      for (const link of links) {
        const address = new URL(link.replaceAll('&amp;', '&'), page.url).href;
        expect((await agent.fetch(address, { headers: { referer: page.url } })).status).toBe(303);
      }
    },
  );

  it('O2 A151 any other user is asked, and the question keeps the parameters of the request', async () => {
    const [mine, other] = [await signIn(), await signIn()];
    const parameters = { id_token_hint: other.id_token, post_logout_redirect_uri: AFTER, state: 'kept' };
    const asked = await mine.agent.open(at(parameters));
    expect(asked.body).toContain('id="confirm"');
    expect(await isSignedIn(mine.agent)).toBe(true);
    expect((await mine.agent.submit(asked, {})).location).toBe(`${AFTER}?state=kept`);
    expect(await isSignedIn(mine.agent)).toBe(false);
    expect(await isSignedIn(other.agent)).toBe(true);
  });

  it('O5 A151 an expired ID token is a hint, one of another signer or of none is not', async () => {
    const { agent, id_token } = await signIn();
    server.clock.advance(3_600_000);
    const [header, payload] = id_token.split('.');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    for (const forged of [`${header}.${payload}.${'A'.repeat(86)}`, `${none}.${payload}.`]) {
      const page = await agent.open(at({ id_token_hint: forged, post_logout_redirect_uri: AFTER }));
      expect(page.body).toContain('id="confirm"');
    }
    expect(
      (await agent.fetch(at({ id_token_hint: id_token, post_logout_redirect_uri: AFTER }))).location,
    ).toBe(AFTER);
  });

  it('O3 A150 only a registered URI, byte for byte, of the client that the hint proves', async () => {
    const second = await confidentialClient(server, {
      redirect_uris: [CALLBACK],
      post_logout_redirect_uris: ['https://second.example.com/'],
    });
    for (const more of [
      { post_logout_redirect_uri: `${AFTER}/` },
      { post_logout_redirect_uri: `${AFTER}?x=1` },
      { post_logout_redirect_uri: `${AFTER}#` },
      { post_logout_redirect_uri: 'https://app.example.com@evil.example.com/bye' },
      { post_logout_redirect_uri: 'https://app.example.com\\@evil.example.com/bye' },
      { post_logout_redirect_uri: 'https://app.example.com/x/../bye' },
      { post_logout_redirect_uri: 'https://APP.example.com/bye' },
      { post_logout_redirect_uri: 'https://app.example.com:443/bye' },
      { post_logout_redirect_uri: '//app.example.com/bye' },
      { post_logout_redirect_uri: 'javascript:alert(1)' },
      { post_logout_redirect_uri: 'https://evil.example.com/' },
      { post_logout_redirect_uri: 'https://second.example.com/', client_id: second.client.client_id },
      { post_logout_redirect_uri: AFTER, client_id: second.client.client_id },
    ]) {
      const { agent, id_token } = await signIn();
      const page = await agent.open(at({ id_token_hint: id_token, ...more }));
      const ended = page.body.includes('id="confirm"') ? await agent.submit(page, {}) : page;
      expect(ended.location, JSON.stringify(more)).toBeUndefined();
      expect(ended.body).toContain('Signed out');
    }
  });

  it('a question answered without its token, or from elsewhere, ends nothing', async () => {
    const { agent } = await signIn();
    const { fields } = formOf(await agent.open(`${server.issuer}/logout`));
    const post = (body: Record<string, string>, origin: string) =>
      agent.fetch(`${server.issuer}/logout`, {
        method: 'POST',
        body: new URLSearchParams(body),
        headers: { origin },
      });
    expect((await post({ csrf: 'x' }, server.issuer)).status).toBe(403);
    expect((await post(fields, 'https://evil.example.com')).status).toBe(403);
    expect(await isSignedIn(agent)).toBe(true);
  });
});

describe('back-channel logout', () => {
  const sidOf = (id_token: string) => decodeJwt(id_token).sid;
  const sids = () => told.map((form) => decodeJwt(form.get('logout_token') ?? '').sid);
  /** Of those that name no session. */
  const subs = () =>
    told
      .map((form) => decodeJwt(form.get('logout_token') ?? ''))
      .filter(({ sid }) => sid === undefined)
      .map(({ sub }) => sub);

  it('O6 O7 A152 the app is notified before the browser is redirected, with a token of its own type', async () => {
    const { agent, id_token } = await signIn();
    await agent.fetch(at({ id_token_hint: id_token, post_logout_redirect_uri: AFTER }));
    expect(sids()).toEqual([sidOf(id_token)]);
    const keys = createRemoteJWKSet(new URL(`${server.issuer}/jwks`));
    const { payload, protectedHeader } = await jwtVerify(told[0]?.get('logout_token') ?? '', keys, {
      typ: 'logout+jwt',
      issuer: server.issuer,
      audience: app.client.client_id,
      requiredClaims: ['iat', 'exp', 'jti', 'sid'],
    });
    expect(protectedHeader.alg).toBe(decodeProtectedHeader(id_token).alg);
    expect(payload.sub).toBe(decodeJwt(id_token).sub);
    expect(payload.events).toEqual({ 'http://schemas.openid.net/event/backchannel-logout': {} });
    expect(payload).not.toHaveProperty('nonce');
    expect(await listOutbox(server.gatehouse.db)).toEqual([]);
    // It is no ID token: as a hint it says nothing.
    const again = await signIn();
    const page = await again.agent.open(at({ id_token_hint: told[0]?.get('logout_token') ?? '' }));
    expect(page.body).toContain('id="confirm"');
  });

  it('O7 the app is notified however a session ends: everywhere, by an operator, with its user', async () => {
    const bob = await server.user('bob');
    const asBob = async () =>
      (await redeem(server, app, await authorize(server, app.client, { username: 'bob' }))).body;
    await asBob();
    const second = await authorize(server, app.client, { username: 'bob' });
    await redeem(server, app, second);
    const page = await second.agent.open(`${server.issuer}/account/sign-out-everywhere`);
    expect(page.body).toContain('Test app');
    expect((await second.agent.submit(page, {})).body).toContain('Signed out');
    expect(subs()).toEqual([bob.sub]);
    told = [];
    await asBob();
    await setUserDisabled(server.gatehouse, bob.sub, true);
    await server.gatehouse.outbox.deliverDue();
    expect(subs()).toEqual([bob.sub]);
  });

  it('O7 an app that does not answer delays no user, is tried again, and is given up where the operator sees it', async () => {
    status = 503;
    const { agent, id_token } = await signIn();
    expect(
      (await agent.fetch(at({ id_token_hint: id_token, post_logout_redirect_uri: AFTER }))).location,
    ).toBe(AFTER);
    expect(await isSignedIn(agent)).toBe(false);
    expect(told).toHaveLength(1);
    for (const pauseMs of [10_000, 60_000, 240_000, 600_000]) {
      await server.gatehouse.outbox.deliverDue();
      server.clock.advance(pauseMs + 1);
      await server.gatehouse.outbox.deliverDue();
    }
    expect(told).toHaveLength(5);
    const [dead] = await listOutbox(server.gatehouse.db);
    expect(dead).toMatchObject({ attempts: 5, last_error: 'it answered 503' });
    expect(dead?.dead_at).toBeGreaterThan(0);
    const failures = (await auditEvents(server)).filter(({ type }) => type === 'logout.failed');
    expect(failures.length).toBeGreaterThanOrEqual(5);
    expect(dead?.payload).not.toContain('eyJ');
    await server.gatehouse.db.write((tx) => tx.run('DELETE FROM outbox'));
  });

  it('A106 A153 what brings no answer is audited too: refused, closed, 101, a redirect, or where we do not go', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await new Promise((done) => closed.once('listening', done));
    const { port } = closed.address() as AddressInfo;
    await new Promise((done) => closed.close(done));
    const uris = [
      `http://127.0.0.1:${port}/`,
      `${receiverUrl()}/drop`,
      `${receiverUrl()}/switch`,
      `${receiverUrl()}/moved`,
      'https://10.0.0.1/',
    ];
    for (const uri of uris) {
      const unreachable = await confidentialClient(server, { backchannel_logout_uri: uri });
      const authorized = await authorize(server, unreachable.client);
      const { id_token } = (await redeem(server, unreachable, authorized)).body;
      await authorized.agent.fetch(at({ id_token_hint: id_token }));
      await server.gatehouse.outbox.deliverDue();
      const failed = (await auditEvents(server)).filter(
        ({ type, client_id }) => type === 'logout.failed' && client_id === unreachable.client.client_id,
      );
      expect(
        failed.map(({ sid }) => sid),
        uri,
      ).toEqual([sidOf(id_token)]);
    }
    expect(told).toEqual([]);
    const [newest] = await listOutbox(server.gatehouse.db);
    expect(newest?.last_error).toContain('outbound_allow');
    await server.gatehouse.db.write((tx) => tx.run('DELETE FROM outbox'));
  });

  it('400 is never tried again', async () => {
    status = 400;
    const { agent, id_token } = await signIn();
    await agent.fetch(at({ id_token_hint: id_token }));
    await server.gatehouse.outbox.deliverDue();
    expect((await listOutbox(server.gatehouse.db))[0]).toMatchObject({
      attempts: 1,
      last_error: 'it answered 400',
    });
    server.clock.advance(3_600_000);
    await server.gatehouse.outbox.deliverDue();
    expect(told).toHaveLength(1);
    await server.gatehouse.db.write((tx) => tx.run('DELETE FROM outbox'));
  });
});

describe('A153 apps that hang', () => {
  /** The time is the machine's, and the machine may be busy: half of a second more than it takes. */
  const SOON_MS = 750;

  async function timed<Result>(work: Promise<Result>): Promise<{ ms: number; result: Result }> {
    const startedAt = performance.now();
    const result = await work;
    return { ms: performance.now() - startedAt, result };
  }

  it('delay neither this user nor another, and are no longer waited for after that', async () => {
    const carol = await server.user('carol');
    await server.user('dave');
    // A host has its share of connections; these have another than the app that answers.
    const elsewhere = receiverUrl('localhost');
    const hanging: Registered[] = [];
    for (let count = 0; count < 24; count += 1) {
      hanging.push(await confidentialClient(server, { backchannel_logout_uri: `${elsewhere}/hang` }));
    }
    const asCarol = async () => {
      const signedIn = await authorize(server, app.client, { username: 'carol' });
      await redeem(server, app, signedIn);
      for (const one of hanging)
        await redeem(server, one, await authorize(server, one.client, { agent: signedIn.agent }));
      return signedIn.agent;
    };
    const leave = async (agent: UserAgent) => {
      const page = await agent.open(`${server.issuer}/logout`);
      return timed(agent.submit(page, {}));
    };
    const carolsAgent = await asCarol();
    const dave = await authorize(server, app.client, { username: 'dave' });
    const { id_token } = (await redeem(server, app, dave)).body;
    const first = await leave(carolsAgent);
    expect(first.result.body).toContain('Signed out');
    expect(first.ms).toBeLessThan(SOON_MS);
    // Those two dozen hang still.
    told = [];
    const daves = await timed(
      dave.agent.fetch(at({ id_token_hint: id_token, post_logout_redirect_uri: AFTER })),
    );
    expect(told.map((form) => decodeJwt(form.get('logout_token') ?? '').sid)).toEqual([
      decodeJwt(id_token).sid,
    ]);
    expect(daves.result.location).toBe(AFTER);
    expect(daves.ms).toBeLessThan(SOON_MS);
    await server.gatehouse.outbox.deliverDue();
    const again = await asCarol();
    expect((await leave(again)).ms).toBeLessThan(SOON_MS);
    const waiting = await listOutbox(server.gatehouse.db);
    expect(waiting).toHaveLength(48);
    expect(waiting.every(({ person }) => person === carol.sub)).toBe(true);
    await server.gatehouse.db.write((tx) => tx.run('DELETE FROM outbox'));
  });
});

describe('what ends with the session', () => {
  it('O8 refresh tokens without offline_access; those with it go on', async () => {
    const without = await signIn({ scope: 'openid' });
    await without.agent.fetch(at({ id_token_hint: without.id_token }));
    expect((await refresh(server, app, without.refresh_token)).body.error).toBe('invalid_grant');
    const offline = await signIn({ scope: 'openid offline_access', prompt: 'consent' });
    await offline.agent.fetch(at({ id_token_hint: offline.id_token }));
    expect((await refresh(server, app, offline.refresh_token)).status).toBe(200);
  });
});
