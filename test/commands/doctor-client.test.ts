/** gatehouse doctor --client: what one client was seen to do. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { updateClient } from '../../src/oauth/clients/create-and-update-clients.ts';
import { setClientDisabled } from '../../src/oauth/clients/disable-and-enable-client.ts';
import { runCommand } from '../support/command.ts';
import {
  answerOf,
  authorize,
  authorizeUrl,
  confidentialClient,
  newPkce,
  post,
  publicClient,
  type Registered,
  redeem,
  refresh,
  requestOf,
} from '../support/flow.ts';
import { grantTypes, startServer, type TestServer } from '../support/server.ts';
import { createUserAgent } from '../support/user-agent.ts';

let server: TestServer;
let directory: string;
const database = () => `sqlite:${join(directory, 'gatehouse.db')}`;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-doctor-'));
  const GATEHOUSE_MASTER_KEY = 'k'.repeat(44);
  server = await startServer({ environment: { GATEHOUSE_DATABASE: database(), GATEHOUSE_MASTER_KEY } });
  await server.user();
});
afterAll(async () => {
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function doctor(client_id: string) {
  await server.gatehouse.audit.flush();
  const shell = `export GATEHOUSE_MASTER_KEY=${'k'.repeat(44)}; exec "$@"`;
  const words = ['doctor', '--json', '--client', client_id];
  const { code, out, err } = await runCommand(directory, database(), words, { shell });
  expect(err).toBe('');
  expect(code).toBe(0);
  return JSON.parse(out) as { name: string; status: string; evidence: string; fix: string }[];
}

const BARE = { code_challenge: '', code_challenge_method: '' };

async function redeemInBody(app: Registered, code: string): Promise<number> {
  const { client_id } = app.client;
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    code,
    redirect_uri: app.client.metadata.redirect_uris[0] ?? '',
    client_id,
    client_secret: app.client_secret ?? '',
  });
  return (await answerOf(await fetch(`${server.issuer}/token`, { method: 'POST', body }))).status;
}

it('warns of an app that sends neither PKCE nor nonce, and reports how it sends its secret', async () => {
  const app = await confidentialClient(server);
  const { code } = await authorize(server, app.client, { more: BARE });
  expect(await redeemInBody(app, code)).toBe(200);
  await authorize(server, app.client, { more: { ...BARE, nonce: 'n' } });
  expect(await doctor(app.client.client_id)).toMatchObject([
    { status: 'WARN', evidence: expect.stringContaining('2 of 2'), fix: expect.stringContaining('PKCE') },
    { status: 'PASS', evidence: expect.stringContaining('1 of 1 by client_secret_post'), fix: '' },
    { status: 'PASS', evidence: 'none came back after it was spent', fix: '' },
  ]);
});

it('reports why every request of an app is refused, until it gets a token', async () => {
  const app = await confidentialClient(server);
  const form = { grant_type: 'client_credentials' };
  await post(server, '/token', form, { ...app, client_secret: 'wrong' });
  await post(server, '/token', form, app);
  const [told] = await doctor(app.client.client_id);
  expect(told).toMatchObject({
    name: 'requests',
    status: 'WARN',
    fix: expect.stringContaining('audit-event list'),
  });
  for (const reason of ['wrong_client_secret', 'grant_type_not_allowed'])
    expect(told?.evidence).toContain(reason);
  await redeem(server, app, await authorize(server, app.client));
  expect((await doctor(app.client.client_id)).map(({ name }) => name)).not.toContain('requests');
});

it('reports why no sign-in of an app begins, until one is allowed; what a person decides is no fault', async () => {
  const app = await publicClient(server);
  const agent = createUserAgent(server.issuer);
  const ask = (more: Record<string, string>) =>
    agent.fetch(authorizeUrl(server, requestOf(app.client, newPkce(), more)));
  const told = async () => (await doctor(app.client.client_id)).find(({ name }) => name === 'requests');
  await ask({ prompt: 'none' });
  expect(await told()).toBeUndefined();
  const wrong = 'https://app.example.com/wrong';
  for (const more of [{ redirect_uri: wrong }, { scope: 'nonsense' }, BARE]) await ask(more);
  expect(await told()).toMatchObject({ status: 'WARN', fix: expect.stringContaining('audit-event list') });
  const evidence = (await told())?.evidence;
  for (const reason of [`invalid_redirect_uri (${wrong})`, 'scope_not_allowed', 'missing_code_challenge'])
    expect(evidence).toContain(reason);
  expect(evidence).not.toContain('no_session');
  await authorize(server, app.client);
  expect(await told()).toBeUndefined();
});

it('names the stricter settings that would refuse nothing', async () => {
  const app = await confidentialClient(server);
  await redeem(server, app, await authorize(server, app.client));
  expect(await doctor(app.client.client_id)).toMatchObject([
    { status: 'PASS', fix: expect.stringContaining('--require-pkce') },
    { status: 'PASS', fix: expect.stringMatching('--strict-auth-method.*/revoke and /introspect') },
    { status: 'PASS', fix: '' },
  ]);
});

it('advises no API to be strict: how it introspects is not known', async () => {
  const resources = ['https://orders.example.com'];
  const app = await confidentialClient(server, { resources });
  await redeem(server, app, await authorize(server, app.client));
  const [, secret] = await doctor(app.client.client_id);
  expect(secret).toMatchObject({ evidence: expect.stringContaining('as registered'), fix: '' });
});

it('advises nothing by what was seen before the way of its secret was changed', async () => {
  const app = await confidentialClient(server);
  const { client_id } = app.client;
  await redeem(server, app, await authorize(server, app.client));
  server.clock.advance(1000);
  const changes = { token_endpoint_auth_method: 'client_secret_post' };
  await updateClient(server.gatehouse, grantTypes, client_id, changes);
  const [, secret] = await doctor(client_id);
  expect(secret).toMatchObject({ evidence: expect.stringContaining('no token since'), fix: '' });
});

it('has nothing to advise where all is as strict as it can be', async () => {
  const app = await confidentialClient(server, { profile: 'oauth2.1', strict_auth_method: true });
  await redeem(server, app, await authorize(server, app.client));
  expect((await doctor(app.client.client_id)).map(({ fix }) => fix)).toEqual(['', '', '']);
});

it('warns where refresh tokens came back after they were spent, and names what helps', async () => {
  const app = await confidentialClient(server);
  const { refresh_token } = (await redeem(server, app, await authorize(server, app.client))).body;
  await refresh(server, app, refresh_token);
  server.clock.advance(11_000);
  await refresh(server, app, refresh_token);
  expect((await doctor(app.client.client_id)).at(-1)).toMatchObject({
    status: 'WARN',
    evidence: expect.stringContaining('1 came back'),
    fix: expect.stringContaining('{"refresh_token_rotation": false}'),
  });
  const { client_id } = app.client;
  await updateClient(server.gatehouse, grantTypes, client_id, { refresh_token_rotation: false });
  expect((await doctor(client_id)).at(-1)).toMatchObject({ status: 'PASS', evidence: 'they stay the same' });
});

it('reports a default_resource that was removed, and why an API was told that tokens are inactive', async () => {
  const resource = 'https://api.example.com';
  const api = await server.client({ grant_types: ['client_credentials'], resources: [resource] });
  const app = await confidentialClient(server, { scope: 'openid read', default_resource: resource });
  const ofApp = async () =>
    (await doctor(app.client.client_id)).find(({ name }) => name === 'default resource');
  expect(await ofApp()).toMatchObject({ name: 'default resource', status: 'PASS' });
  const { body } = await redeem(server, app, await authorize(server, app.client));
  await post(server, '/introspect', { token: body.access_token }, api);
  await post(server, '/introspect', { token: body.access_token }, api);
  await post(server, '/introspect', { token: 'nonsense' }, api);
  expect((await doctor(api.client.client_id)).find(({ name }) => name === 'tokens shown')).toMatchObject({
    name: 'tokens shown',
    status: 'WARN',
    evidence: expect.stringContaining('2 active tokens'),
    fix: expect.stringContaining('or the app leaves openid out'),
  });
  expect(await ofApp()).toMatchObject({
    status: 'WARN',
    evidence: expect.stringContaining('it asks for openid'),
    fix: expect.stringContaining('or the app leaves openid out'),
  });
  await setClientDisabled(server.gatehouse, api.client.client_id, true);
  expect(await ofApp()).toMatchObject({ status: 'WARN', fix: expect.stringContaining('--resource') });
});

it('reports an app that named no resource and has no default, and the format of an API’s tokens', async () => {
  const api = await server.client({
    grant_types: ['client_credentials'],
    resources: ['https://b.example.com'],
  });
  const ofApi = async (wanted: string) =>
    (await doctor(api.client.client_id)).find(({ name }) => name === wanted);
  expect(await ofApi('access tokens')).toMatchObject({
    status: 'PASS',
    evidence: expect.stringContaining('at+jwt, ES256'),
    fix: expect.stringContaining('--access-token-alg RS256'),
  });
  await updateClient(server.gatehouse, grantTypes, api.client.client_id, {
    access_token_signed_response_alg: 'RS256',
  });
  const evidence = expect.stringContaining('at+jwt, RS256');
  expect(await ofApi('access tokens')).toMatchObject({ evidence, fix: '' });
  const app = await confidentialClient(server, { scope: 'openid read' });
  const { body } = await redeem(server, app, await authorize(server, app.client));
  await post(server, '/introspect', { token: body.access_token }, api);
  const fix = expect.stringContaining('--default-resource');
  expect(await ofApi('tokens shown')).toMatchObject({ status: 'WARN', fix });
});

it('reports that nothing was seen, and that there is no such client', async () => {
  const { client } = await server.client({ grant_types: ['client_credentials'], scope: 'read' });
  expect((await doctor(client.client_id)).map(({ status }) => status)).toEqual(['PASS', 'PASS', 'PASS']);
  await post(server, '/token', { grant_type: 'client_credentials' });
  const ran = await runCommand(directory, database(), ['doctor', '--client', 'nobody'], {
    shell: `export GATEHOUSE_MASTER_KEY=${'k'.repeat(44)}; exec "$@"`,
  });
  expect([ran.code, ran.err]).toEqual([3, expect.stringContaining('there is no client nobody')]);
});
