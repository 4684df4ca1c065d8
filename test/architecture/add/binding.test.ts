/** A binding: what follows by itself when its row is added. */
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { refuse } from '../../../src/lib/outcome.ts';
import { headerOf } from '../../../src/oauth/back-channel-request.ts';
import type { Binding } from '../../../src/oauth/bindings/binding.ts';
import { bindings } from '../../../src/oauth/bindings/index.ts';
import { keyShown, NOT_SHOWN } from '../../../src/oauth/bindings/shown-key-evidence.ts';
import { NOTHING_TO_SPEND, spendable } from '../../../src/oauth/spend-jtis.ts';
import {
  answerOf,
  authorize,
  confidentialClient,
  lastReason,
  post,
  publicClient,
  type Registered,
  redeem,
  refresh,
} from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { toyReason } from '../../support/toy-reason.ts';

const SCOPE = 'openid offline_access';
const ENDS_MS = Date.parse('2100-01-01');
const replayed = refuse('invalid_request', toyReason('toy_replayed'), 'the toy was shown before');

/** Careless on purpose: whoever says a key has it. */
const toyBinding: Binding = {
  name: 'toy',
  member: 'toy',
  tokenType: 'Toy',
  parameter: 'toy_key',
  prove(_context, { request }) {
    const key = headerOf(request, 'toy-key');
    if (key === undefined) return NOT_SHOWN;
    if (key === 'broken') return refuse('invalid_request', toyReason('broken_toy'), 'the toy is broken');
    const id = headerOf(request, 'toy-id');
    return keyShown(key, id === undefined ? NOTHING_TO_SPEND : [spendable(['toy', id], ENDS_MS, replayed)]);
  },
};

let server: TestServer;
let app: Registered;
beforeAll(async () => {
  (bindings as Binding[]).push(toyBinding);
  server = await startServer();
  await server.user();
  app = await publicClient(server, { scope: SCOPE });
});
afterAll(() => server.stop());

const newCode = (more: Record<string, string> = {}) =>
  authorize(server, app.client, { more: { scope: SCOPE, prompt: 'consent', ...more } });

async function redeemWith(headers: Record<string, string>, code: Awaited<ReturnType<typeof newCode>>) {
  const form = {
    grant_type: 'authorization_code',
    code: code.code,
    redirect_uri: app.client.metadata.redirect_uris[0] ?? '',
    code_verifier: code.pkce.code_verifier,
  };
  return post(server, '/token', form, app, headers);
}

const refreshWith = (headers: Record<string, string>, refresh_token: string) =>
  post(server, '/token', { grant_type: 'refresh_token', refresh_token }, app, headers);

async function userinfo(authorization: string, headers: Record<string, string> = {}) {
  return answerOf(await fetch(`${server.issuer}/userinfo`, { headers: { authorization, ...headers } }));
}

const KEY = { 'toy-key': 'one' };

it('a code is redeemed only with the key that its request named', async () => {
  const code = await newCode({ toy_key: 'one' });
  for (const headers of [{}, { 'toy-key': 'two' }] as Record<string, string>[]) {
    expect((await redeemWith(headers, code)).body.error).toBe('invalid_grant');
    expect(await lastReason(server)).toBe('wrong_confirmation');
  }
  const { body } = await redeemWith(KEY, code);
  expect(body.token_type).toBe('Toy');
  expect(decodeJwt(body.access_token).cnf).toEqual({ toy: 'one' });
  expect((await redeemWith({}, code)).body.error).toBe('invalid_grant');
  expect((await refreshWith(KEY, body.refresh_token)).status).toBe(200);
});

it('a stolen access token without its key is refused, with any scheme', async () => {
  const { body } = await redeemWith(KEY, await newCode());
  const token = body.access_token;
  expect((await userinfo(`Toy ${token}`, KEY)).status).toBe(200);
  const stolen = await userinfo(`Toy ${token}`, { 'toy-key': 'two' });
  expect([stolen.status, await lastReason(server)]).toEqual([401, 'wrong_confirmation']);
  expect(stolen.headers.get('www-authenticate')).toMatch(/^Toy realm="gatehouse", error="invalid_token"/);
  expect((await userinfo(`Toy ${token}`)).status).toBe(401);
  expect((await userinfo(`Bearer ${token}`, KEY)).status).toBe(401);
  expect(await lastReason(server)).toBe('wrong_token_type');
  expect((await userinfo(`Toy ${token}`, { 'toy-key': 'broken' })).status).toBe(400);
});

it('a stolen refresh token without its key is refused, and does not end the grant', async () => {
  const { body } = await redeemWith(KEY, await newCode());
  const first = body.refresh_token;
  for (const headers of [{}, { 'toy-key': 'two' }] as Record<string, string>[])
    expect((await refreshWith(headers, first)).body.error).toBe('invalid_grant');
  const second = await refreshWith(KEY, first);
  expect(second.body.token_type).toBe('Toy');
  expect(decodeJwt(second.body.access_token).cnf).toEqual({ toy: 'one' });
  server.clock.advance(60_000);
  expect((await refreshWith({}, first)).body.error).toBe('invalid_grant');
  expect((await refreshWith(KEY, second.body.refresh_token)).status).toBe(200);
});

it('client_credentials and introspection name the key; refresh tokens of a confidential client are not bound to it', async () => {
  const { client, client_secret } = await confidentialClient(server, {
    scope: SCOPE,
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
  });
  const own = { client, client_secret };
  const { body } = await post(server, '/token', { grant_type: 'client_credentials' }, own, KEY);
  const introspected = await post(server, '/introspect', { token: body.access_token }, own);
  expect(introspected.body).toMatchObject({ active: true, token_type: 'Toy', cnf: { toy: 'one' } });
  const authorized = await authorize(server, client, { more: { scope: SCOPE, prompt: 'consent' } });
  const tokens = (await redeem(server, own, authorized)).body;
  expect([tokens.token_type, decodeJwt(tokens.access_token).cnf]).toEqual(['Bearer', undefined]);
  expect((await refresh(server, own, tokens.refresh_token)).body.token_type).toBe('Bearer');
});

it('a proof of the key is valid once, and is spent with the request', async () => {
  const once = { ...KEY, 'toy-id': 'token' };
  const code = await newCode();
  const { body } = await redeemWith(once, code);
  const again = await redeemWith(once, await newCode());
  expect([again.status, await lastReason(server)]).toEqual([400, 'toy_replayed']);
  const shown = { ...KEY, 'toy-id': 'userinfo' };
  expect((await userinfo(`Toy ${body.access_token}`, shown)).status).toBe(200);
  expect((await userinfo(`Toy ${body.access_token}`, shown)).status).toBe(400);
});

it('a token that names a key of an unknown binding is refused', async () => {
  const { body } = await redeemWith(KEY, await newCode());
  (bindings as Binding[]).pop();
  const answer = await userinfo(`Bearer ${body.access_token}`, KEY);
  (bindings as Binding[]).push(toyBinding);
  expect(answer.status).toBe(401);
});

it('a binding that returns nothing, forced past the compiler, binds nothing', async () => {
  const silent = { ...toyBinding, name: 'silent', prove: (() => {}) as () => never };
  const unbranded = { ...toyBinding, name: 'own', prove: () => ({ value: 'one', toSpend: [] }) as never };
  for (const row of [silent, unbranded]) {
    (bindings as Binding[]).push(row);
    const answer = await redeemWith(KEY, await newCode());
    (bindings as Binding[]).pop();
    expect(answer.status).toBe(500);
  }
});
