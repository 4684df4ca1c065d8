/** A client authentication method: what follows by itself when its row is added. */
import { createHmac, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '../../../src/lib/sha256-and-hmac.ts';
import { assertionMethod } from '../../../src/oauth/clients/authentication/assertion-method.ts';
import { checkSecret } from '../../../src/oauth/clients/authentication/check-client-secret.ts';
import { authenticationMethods } from '../../../src/oauth/clients/authentication/index.ts';
import type { ClientAuthenticationMethod } from '../../../src/oauth/clients/authentication/method.ts';
import { isProven } from '../../../src/oauth/clients/authentication/prove-client-by-comparison.ts';
import type { Client } from '../../../src/oauth/clients/client.ts';
import { macsOfAnybody } from '../../oauth/clients/authentication/known-to-anybody.ts';
import { post, type Registered } from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { runVerb } from '../../support/verb.ts';

const toyMethod: ClientAuthenticationMethod = {
  name: 'toy_secret',
  credential: 'secret',
  claimedBy: ({ parameters }) =>
    parameters.get('toy_secret') === undefined ? undefined : parameters.get('client_id'),
  verify: ({ clock }, client, { parameters }) =>
    checkSecret(client, [parameters.get('toy_secret') ?? ''], clock.nowMs()),
  holds: ({ clock }, { now }, { parameters }) =>
    isProven(checkSecret(now, [parameters.get('toy_secret') ?? ''], clock.nowMs())),
};

/** What a careless method takes for a key too. */
let keysOfAnybody: (client: Client) => readonly string[] = () => [];

/** It shares client_assertion with private_key_jwt, and has another alg. Its key is what is stored of the secret. */
const toyAssertion = assertionMethod({
  name: 'client_secret_toy',
  credential: 'secret',
  algorithms: ['HS256'],
  keysOf: (client, nowMs) => ({ secrets: [...client.secrets.live(nowMs), ...keysOfAnybody(client)] }),
});

let server: TestServer;
beforeAll(async () => {
  // No two methods have one algorithm: the real one that has the toy's is taken out.
  const others = authenticationMethods.filter(({ algorithms = [] }) => !algorithms.includes('HS256'));
  const rows = [...others, toyMethod, toyAssertion];
  (authenticationMethods as ClientAuthenticationMethod[]).splice(0, authenticationMethods.length, ...rows);
  server = await startServer();
  server.clock.hold();
});
afterAll(() => server.stop());

const discovery = async () =>
  (await (await fetch(`${server.issuer}/.well-known/openid-configuration`)).json()) as Record<
    string,
    string[]
  >;

it('a client authentication method: discovery, registration, "exactly one" and every endpoint follow', async () => {
  expect((await discovery()).token_endpoint_auth_methods_supported).toContain('toy_secret');
  const client = await server.client({
    grant_types: ['client_credentials'],
    token_endpoint_auth_method: 'toy_secret',
  });
  const body = {
    grant_type: 'client_credentials',
    client_id: client.client.client_id,
    toy_secret: client.client_secret ?? '',
  };
  expect((await post(server, '/token', body)).status).toBe(200);
  for (const path of ['/introspect', '/revoke'])
    expect((await post(server, path, { ...body, token: 'x' })).status).toBe(200);
  expect((await post(server, '/token', { ...body, client_secret: 'x' })).body.error).toBe('invalid_request');
  expect((await post(server, '/token', { ...body, toy_secret: 'now' })).body.error).toBe('invalid_client');
});

describe('one that shares client_assertion with another', () => {
  const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

  const bySecret = (secret: string) => (text: string) =>
    createHmac('sha256', sha256(secret)).update(text).digest();
  const byKey = (text: string) =>
    sign('sha256', Buffer.from(text), { key: own.privateKey, dsaEncoding: 'ieee-p1363' });

  function assertion(client_id: string, alg: string, signatureOf: (text: string) => Buffer): string {
    const exp = Math.floor(server.clock.nowMs() / 1000) + 60;
    const claims = { iss: client_id, sub: client_id, aud: server.issuer, jti: randomUUID(), exp };
    const text = `${encode({ alg })}.${encode(claims)}`;
    return `${text}.${signatureOf(text).toString('base64url')}`;
  }

  async function show(client_assertion: string): Promise<string> {
    const client_assertion_type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
    const mark = server.lines.length;
    const form = { grant_type: 'client_credentials', client_assertion, client_assertion_type };
    const { status } = await post(server, '/token', form);
    const lines = server.lines.slice(mark).map((line) => JSON.parse(line));
    return status === 200 ? 'good' : lines.find(({ msg }) => msg === 'refused')?.reason;
  }

  let signer: Registered;
  let keyHolder: Registered;
  beforeAll(async () => {
    const grant_types = ['client_credentials'];
    const token_endpoint_auth_method = 'client_secret_toy';
    const jwks = { keys: [{ ...own.publicKey.export({ format: 'jwk' }) }] };
    signer = await server.client({ grant_types, token_endpoint_auth_method, jwks });
    keyHolder = await server.client({
      grant_types,
      token_endpoint_auth_method: 'private_key_jwt',
      jwks,
    });
  });

  it('is told by its alg, and is good once', async () => {
    const { client, client_secret = '' } = signer;
    const once = assertion(client.client_id, 'HS256', bySecret(client_secret));
    expect(await show(once)).toBe('good');
    expect(await show(once)).toBe('assertion_replayed');
    expect(await show(assertion(keyHolder.client.client_id, 'ES256', byKey))).toBe('good');
  });

  it('is good for no client of the other, and the other for none of its own', async () => {
    const { client, client_secret = '' } = signer;
    expect(await show(assertion(client.client_id, 'ES256', byKey))).toBe('wrong_method');
    expect(await show(assertion(keyHolder.client.client_id, 'HS256', bySecret('')))).toBe('wrong_method');
    // What no method has is refused as it was before there were two.
    const nobodys = assertion(keyHolder.client.client_id, 'HS384', byKey);
    expect(await show(nobodys)).toBe('wrong_assertion_alg');
    // A client that signs with its secret never sends it.
    const form = { grant_type: 'client_credentials' };
    const basic = Buffer.from(`${client.client_id}:${client_secret}`).toString('base64');
    const headers = { authorization: `Basic ${basic}` };
    expect((await post(server, '/token', form, undefined, headers)).body.error).toBe('invalid_client');
    const inBody = { ...form, client_id: client.client_id, client_secret };
    expect((await post(server, '/token', inBody)).body.error).toBe('invalid_client');
  });

  it('has a secret that is issued, shown and rotated, and that ends', async () => {
    const { client, client_secret = '' } = signer;
    const { client_id } = client;
    expect((await runVerb(server, 'client', 'get', { client_id })).client_secrets).toHaveLength(1);
    const rotated = await runVerb(server, 'client', 'rotate-secret', { client_id, keep_old_seconds: 60 });
    const show2 = (secret: string) => show(assertion(client_id, 'HS256', bySecret(secret)));
    expect(await show2(client_secret)).toBe('good');
    expect(await show2(rotated.client_secret)).toBe('good');
    server.clock.advance(60_000);
    expect(await show2(client_secret)).toBe('wrong_assertion_signature');
    expect(await show2(rotated.client_secret)).toBe('good');
  });

  it.each<[string, (client: Client) => string, number]>([
    ['an empty text', () => '', 1],
    ['the client_id', ({ client_id }) => client_id, 1],
    ['the hash of the client_id', ({ client_id }) => sha256(client_id), 1],
    ['the public key as text', ({ metadata }) => JSON.stringify(metadata.jwks?.keys[0]), 1],
    ['what nobody else knows', () => randomUUID(), 0],
  ])('that takes %s for a key is noticed by what each method is asked', async (_what, keyOf, noticed) => {
    const { client } = signer;
    keysOfAnybody = (of) => [keyOf(of)];
    const taken: string[] = [];
    for (const { alg, key, signature } of macsOfAnybody(client, server.issuer)) {
      server.clock.advance(700_000);
      if ((await show(assertion(client.client_id, alg, signature))) === 'good') taken.push(key);
    }
    keysOfAnybody = () => [];
    expect(taken).toHaveLength(noticed);
  });

  it('is in discovery with its algorithms', async () => {
    const { token_endpoint_auth_signing_alg_values_supported: algorithms } = await discovery();
    expect(algorithms).toEqual(['ES256', 'RS256', 'PS256', 'EdDSA', 'HS256']);
  });
});
