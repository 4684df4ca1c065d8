/** What pairwise clients call one session of the browser. OpenID Connect Core §8.1, §17.3 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { listLiveSessions } from '../../src/identity/sessions/find-live-sessions.ts';
import { createPairwiseSubjects } from '../../src/oauth/seal-and-open-pairwise-subject.ts';
import { localSid, localSubject, sidFor, subjectFor } from '../../src/oauth/sub-and-sid-for-client.ts';
import {
  auditEvents,
  authorize,
  authorizeUrl,
  confidentialClient,
  newPkce,
  type Registered,
  redeem,
  refresh,
  requestOf,
} from '../support/flow.ts';
import { PASSWORD, startServer, type TestServer } from '../support/server.ts';
import { createUserAgent, type Page, type UserAgent } from '../support/user-agent.ts';
import { clientOf } from './clients/client-value.ts';

let server: TestServer;
let receiver: Server;
let sub: string;
/** The sid of each logout token, by the client that it was for. */
let told: Map<unknown, unknown>;
let shop: Registered;
let bank: Registered;
let plain: Registered;

beforeAll(async () => {
  receiver = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.once('end', () => {
      const { aud, sid } = decodeJwt(new URLSearchParams(body).get('logout_token') ?? '');
      told.set(aud, sid);
      response.writeHead(200).end();
    });
  });
  await new Promise<void>((done) => receiver.listen(0, '127.0.0.1', done));
  server = await startServer({ environment: { GATEHOUSE_OUTBOUND_ALLOW: '127.0.0.0/8' } });
  ({ sub } = await server.user());
  const backchannel_logout_uri = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/logout`;
  const register = (host: string, more: Record<string, unknown>) =>
    confidentialClient(server, {
      redirect_uris: [`https://${host}/cb`],
      post_logout_redirect_uris: [`https://${host}/bye`],
      frontchannel_logout_uri: `https://${host}/logout`,
      backchannel_logout_uri,
      ...more,
    });
  shop = await register('shop.example', { subject_type: 'pairwise' });
  bank = await register('bank.example', { subject_type: 'pairwise' });
  plain = await register('plain.example', {});
});
afterAll(async () => {
  await server.stop();
  receiver.close();
});
beforeEach(() => {
  told = new Map();
});

async function signIn(as: Registered, agent: UserAgent) {
  return (await redeem(server, as, await authorize(server, as.client, { agent }))).body;
}

const sidOf = (id_token: string) => decodeJwt(id_token).sid;
const logout = (agent: UserAgent, id_token_hint: string) =>
  agent.open(`${server.issuer}/logout?${new URLSearchParams({ id_token_hint })}`);
const ownSids = async () => (await listLiveSessions(server.gatehouse, sub)).map(({ sid }) => sid);

/** The sid of each frame, by its host. */
function framed(page: Page): Map<string, string | null> {
  const sources = [...page.body.matchAll(/<iframe src="([^"]+)"/g)];
  const urls = sources.map(([, source = '']) => new URL(source.replaceAll('&amp;', '&')));
  return new Map(urls.map((url) => [url.hostname, url.searchParams.get('sid')]));
}

it('W6 one session has another sid for each sector, in the ID token, the logout token and the frame alike', async () => {
  const agent = createUserAgent(server.issuer);
  const atShop = await signIn(shop, agent);
  const atBank = await signIn(bank, agent);
  const atPlain = await signIn(plain, agent);
  const sids = [atShop, atBank, atPlain].map(({ id_token }) => sidOf(id_token));
  expect(new Set(sids).size).toBe(3);
  expect(await ownSids()).toEqual([sids[2]]);
  expect(sidOf((await refresh(server, shop, atShop.refresh_token)).body.id_token)).toBe(sids[0]);
  expect(sidOf((await signIn(shop, agent)).id_token)).toBe(sids[0]);

  const page = await logout(agent, atBank.id_token);
  expect([...framed(page)].sort()).toEqual([
    ['bank.example', sids[1]],
    ['plain.example', sids[2]],
    ['shop.example', sids[0]],
  ]);
  const ids = [shop, bank, plain].map(({ client }) => client.client_id);
  expect(ids.map((id) => told.get(id))).toEqual(sids);
  // The operator's own records keep the session's own name.
  const delivered = (await auditEvents(server)).filter(({ type }) => type === 'logout.delivered');
  expect(new Set(delivered.map((event) => event.sid))).toEqual(new Set([sids[2]]));
});

it('W6 apps of one sector share the sid of a session, and another session has another', async () => {
  const sibling = await confidentialClient(server, {
    redirect_uris: ['https://shop.example/other'],
    subject_type: 'pairwise',
  });
  const agent = createUserAgent(server.issuer);
  const { id_token } = await signIn(shop, agent);
  expect(sidOf((await signIn(sibling, agent)).id_token)).toBe(sidOf(id_token));
  const elsewhere = createUserAgent(server.issuer);
  expect(sidOf((await signIn(shop, elsewhere)).id_token)).not.toBe(sidOf(id_token));
});

it('O2 the ID token of a pairwise client ends the session that it names, and no other', async () => {
  await server.user('berta');
  const agent = createUserAgent(server.issuer);
  const first = await signIn(shop, agent);
  // A second account in the same browser is the active one; the hint names the first.
  const login = await agent.open(`${server.issuer}/login?account=another`);
  await agent.submit(login, { username: 'berta', password: PASSWORD });
  const elsewhere = createUserAgent(server.issuer);
  const other = await signIn(shop, elsewhere);
  expect((await logout(elsewhere, first.id_token)).body).toContain('id="confirm"');
  expect((await logout(agent, first.id_token)).body).toContain('Signed out');
  expect(told.get(shop.client.client_id)).toBe(sidOf(first.id_token));
  const silent = async (visitor: UserAgent, id_token_hint: string) => {
    const more = { prompt: 'none', id_token_hint };
    const { location } = await visitor.open(authorizeUrl(server, requestOf(shop.client, newPkce(), more)));
    return new URL(location ?? '').searchParams.get('error') ?? 'code';
  };
  expect(await silent(agent, first.id_token)).toBe('login_required');
  expect(await silent(elsewhere, other.id_token)).toBe('code');
});

const context = { subjects: createPairwiseSubjects(Buffer.alloc(32, 1)) };
const pairwise = (redirect_uri = 'https://a.example/cb', more = {}) =>
  clientOf({ redirect_uris: [redirect_uri], subject_type: 'pairwise', ...more });
const directions = [
  ['sub', subjectFor, localSubject],
  ['sid', sidFor, localSid],
] as const;

describe.each(directions)('the %s', (_name, say, read) => {
  it('of a client with public subjects is that of this server, whatever it reads', () => {
    const client = clientOf();
    expect(say(context, client, 'own')).toBe('own');
    for (const said of ['own', '', 'x'.repeat(1000)]) expect(read(context, client, said)).toBe(said);
  });

  it('of a pairwise client is its sector’s own, and leads back', () => {
    const said = say(context, pairwise(), 'own');
    expect(said).toMatch(/^[A-Za-z0-9_-]{20,}$/);
    expect(read(context, pairwise(), said)).toBe('own');
    expect(say(context, pairwise('https://a.example:8443/other'), 'own')).toBe(said);
    expect(say(context, pairwise(), 'other')).not.toBe(said);
  });

  it('of another sector, of this server or of nobody leads a pairwise client nowhere', () => {
    const said = say(context, pairwise('https://b.example/cb'), 'own');
    for (const wrong of [said, 'own', '', `${say(context, pairwise(), 'own')}x`])
      expect(read(context, pairwise(), wrong), wrong).toBeUndefined();
  });

  it('is that of sector_identifier_uri, where there is one', () => {
    const sector_identifier_uri = 'https://a.example/redirects.json';
    const listed = pairwise('https://b.example/cb', { sector_identifier_uri });
    expect(say(context, listed, 'own')).toBe(say(context, pairwise(), 'own'));
  });

  it('is none of this server’s where a pairwise client lost its sector: that is an accident', () => {
    const { metadata } = pairwise();
    const lost = { metadata: { ...metadata, redirect_uris: [] } };
    expect(() => say(context, lost, 'own')).toThrow('no sector');
    expect(() => read(context, lost, 'own')).toThrow('no sector');
  });
});
