/** A client authentication method: what follows by itself when its row is added. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { authenticationMethods } from '../../../src/oauth/clients/authentication/index.ts';
import type { ClientAuthenticationMethod } from '../../../src/oauth/clients/authentication/method.ts';
import { proven, unproven } from '../../../src/oauth/clients/authentication/verdict.ts';
import { NOTHING_TO_SPEND } from '../../../src/oauth/spend-once.ts';
import { post } from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { toyReason } from '../../support/toy-reason.ts';

const toyMethod: ClientAuthenticationMethod = {
  name: 'toy_secret',
  claimedBy: ({ parameters }) =>
    parameters.get('toy_secret') === undefined ? undefined : parameters.get('client_id'),
  verify: (_context, client, { parameters }) =>
    client && parameters.get('toy_secret') === 'please'
      ? proven(client, NOTHING_TO_SPEND)
      : unproven(toyReason('wrong_toy')),
  holds: () => true,
};

let server: TestServer;
beforeAll(async () => {
  (authenticationMethods as ClientAuthenticationMethod[]).push(toyMethod);
  server = await startServer();
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
    toy_secret: 'please',
  };
  expect((await post(server, '/token', body)).status).toBe(200);
  for (const path of ['/introspect', '/revoke'])
    expect((await post(server, path, { ...body, token: 'x' })).status).toBe(200);
  expect((await post(server, '/token', { ...body, client_secret: 'x' })).body.error).toBe('invalid_request');
  expect((await post(server, '/token', { ...body, toy_secret: 'now' })).body.error).toBe('invalid_client');
});
