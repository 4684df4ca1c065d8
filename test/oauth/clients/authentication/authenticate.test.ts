/** Exactly one method per request proves the client. RFC 6749 §2.3, §5.2 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { authenticate } from '../../../../src/oauth/clients/authentication/authenticate.ts';
import { readParameters } from '../../../../src/oauth/parameters.ts';
import { backChannelRequest } from '../../../support/back-channel.ts';
import { CALLBACK } from '../../../support/flow.ts';
import { startServer, type TestServer } from '../../../support/server.ts';
import { runVerb } from '../../../support/verb.ts';
import { basicOf, GOOD, send, trial } from './trial.ts';

const SECRET = 'a-secret-of-this-test-alone-of-43-characters';
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
let server: TestServer;

beforeAll(async () => {
  server = await startServer();
  const machine = { client_secret: SECRET, grant_types: ['client_credentials'] };
  await server.client({ ...machine, client_id: 'basic', token_endpoint_auth_method: 'client_secret_basic' });
  await server.client({ ...machine, client_id: 'post', token_endpoint_auth_method: 'client_secret_post' });
  await server.client({ ...machine, client_id: 'strict', strict_auth_method: true });
  await server.client({ client_id: 'spa', redirect_uris: [CALLBACK], token_endpoint_auth_method: 'none' });
});
afterAll(() => server.stop());
// What was guessed before is over by then.
beforeEach(() => server.clock.advance(700_000));

const inBody = (client_id: string, client_secret = SECRET) => ({ client_id, client_secret });
const byBasic = (client_id: string, secret = SECRET) => basicOf(`${client_id}:${secret}`);

describe('one method', () => {
  it('Q2 a secret is good by Basic and in the body, whichever was registered', async () => {
    for (const client_id of ['basic', 'post']) {
      expect(await trial(server, { fields: inBody(client_id) })).toEqual(GOOD);
      expect(await trial(server, { fields: {}, headers: byBasic(client_id) })).toEqual(GOOD);
    }
  });

  it('Q2 a client that is strict is held to what it registered', async () => {
    expect(await trial(server, { fields: {}, headers: byBasic('strict') })).toEqual(GOOD);
    expect(await trial(server, { fields: inBody('strict') })).toMatchObject({
      status: 401,
      reason: 'wrong_method',
    });
  });

  it('Q1 A040 two at once are invalid_request, though both are right', async () => {
    const assertion = { client_assertion: 'a.b.c', client_assertion_type: ASSERTION_TYPE };
    for (const sent of [
      { fields: inBody('basic'), headers: byBasic('basic') },
      { fields: assertion, headers: byBasic('basic') },
      { fields: { ...assertion, ...inBody('post') } },
      { fields: { client_assertion: 'a.b.c' }, headers: byBasic('basic') },
      { fields: { client_assertion_type: ASSERTION_TYPE }, headers: byBasic('basic') },
      { fields: { client_secret: 'x' }, headers: byBasic('basic') },
    ])
      expect(await trial(server, sent), JSON.stringify(sent)).toEqual({
        status: 400,
        error: 'invalid_request',
        reason: 'several_methods',
      });
  });

  it('Q1 A040 client_id twice is invalid_request, and another one than the one that proves itself invalid_client', async () => {
    const twice = [
      ['client_id', 'post'],
      ['client_id', 'post'],
      ['client_secret', SECRET],
    ] as const;
    expect(await trial(server, { fields: twice })).toMatchObject({
      status: 400,
      reason: 'repeated_parameter',
    });
    expect(await trial(server, { fields: { client_id: 'post' }, headers: byBasic('basic') })).toMatchObject({
      status: 401,
      reason: 'client_id_mismatch',
    });
    expect(await trial(server, { fields: { client_id: 'spa' }, headers: byBasic('basic') })).toMatchObject({
      status: 401,
      reason: 'client_id_mismatch',
    });
  });

  it('A049 malformed Basic is refused, whatever else proves the client', async () => {
    const headers = { authorization: 'Basic %' };
    expect(await trial(server, { fields: inBody('post'), headers })).toMatchObject({
      status: 401,
      reason: 'malformed_basic',
    });
  });

  it('a header of another scheme is none of the client’s', async () => {
    expect(await trial(server, { fields: inBody('post'), headers: { authorization: 'Bearer x' } })).toEqual(
      GOOD,
    );
    expect(await trial(server, { fields: {}, headers: { authorization: 'Digest x' } })).toMatchObject({
      status: 401,
      reason: 'no_client',
    });
  });
});

describe('a refusal', () => {
  it('T14 A050 is the same for an unknown client, a wrong secret, a wrong method and a disabled client', async () => {
    const { client } = await server.client({ client_secret: SECRET, grant_types: ['client_credentials'] });
    await runVerb(server, 'client', 'disable', { client_id: client.client_id });
    const reasons: (string | undefined)[] = [];
    const said = new Set<string>();
    for (const [client_id, secret] of [
      ['nobody', SECRET],
      ['post', 'wrong'],
      ['spa', SECRET],
      [client.client_id, SECRET],
    ] as const) {
      const sent = { fields: inBody(client_id, secret) };
      reasons.push((await trial(server, sent)).reason);
      const { status, body, headers } = await send(server, sent);
      said.add(JSON.stringify([status, body, headers.get('www-authenticate')]));
    }
    expect(reasons).toEqual(['unknown_client', 'wrong_client_secret', 'wrong_method', 'client_disabled']);
    expect(said.size).toBe(1);
  });

  it('A054 holds at every endpoint that a client calls', async () => {
    for (const path of ['/token', '/introspect', '/revoke']) {
      const fields = { token: 'x', ...inBody('post', 'wrong') };
      expect(await trial(server, { path, fields }), path).toMatchObject({
        status: 401,
        error: 'invalid_client',
        reason: 'wrong_client_secret',
      });
    }
  });

  it('Q11 A050 is 429 after too many guesses, and the right secret is good all the same', async () => {
    const statuses: number[] = [];
    for (let guess = 0; guess < 25; guess += 1)
      statuses.push((await trial(server, { fields: inBody('post', `wrong${guess}`) })).status);
    expect(new Set(statuses.slice(0, 20))).toEqual(new Set([401]));
    expect(statuses.at(-1)).toBe(429);
    const { headers } = await send(server, { fields: inBody('post', 'wrong') });
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await trial(server, { fields: inBody('post') })).toEqual(GOOD);
  });
});

describe('a client that is changed', () => {
  it('A057 is checked against its current secrets, method and existence', async () => {
    const { client, client_secret = '' } = await server.client({ grant_types: ['client_credentials'] });
    const { client_id } = client;
    const ask = () => trial(server, { fields: { client_id, client_secret } });
    expect(await ask()).toEqual(GOOD);
    await runVerb(server, 'client', 'disable', { client_id });
    expect(await ask()).toMatchObject({ status: 401, reason: 'client_disabled' });
    await runVerb(server, 'client', 'enable', { client_id });
    expect(await ask()).toEqual(GOOD);
    await runVerb(server, 'client', 'delete', { client_id });
    expect(await ask()).toMatchObject({ status: 401, reason: 'unknown_client' });
  });

  it('A057 is refused where it was deleted while its credentials were looked at', async () => {
    const { client, client_secret = '' } = await server.client({ grant_types: ['client_credentials'] });
    const pairs = Object.entries({ client_id: client.client_id, client_secret });
    const attempt = { parameters: readParameters(pairs), request: backChannelRequest({ pairs }) };
    const { gatehouse } = server;
    await expect(authenticate(gatehouse, attempt)).resolves.toMatchObject({
      auth_method: 'client_secret_post',
    });
    let asked = 0;
    const find = async (client_id: string) => {
      asked += 1;
      return asked === 1 ? gatehouse.clients.find(client_id) : undefined;
    };
    const clients = { ...gatehouse.clients, find };
    await expect(authenticate({ ...gatehouse, clients }, attempt)).rejects.toMatchObject({
      error: 'invalid_client',
      reason: 'client_disabled',
    });
    expect(asked).toBe(2);
  });
});
