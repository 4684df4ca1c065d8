/** RFC 7592: a client reads, replaces and deletes its own registration. */
import { exportJWK, generateKeyPair } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { updateClient } from '../../../src/oauth/clients/create-and-update-clients.ts';
import { deleteClient, finishDeletions } from '../../../src/oauth/clients/delete-client-in-pieces.ts';
import { setClientDisabled } from '../../../src/oauth/clients/disable-and-enable-client.ts';
import { findClient } from '../../../src/storage/tables/clients.ts';
import { beforeNextWrite } from '../../support/before-next-write.ts';
import { answerOf, CALLBACK } from '../../support/flow.ts';
import { grantTypes, startServer, type TestServer } from '../../support/server.ts';
import { type Members, register, send } from './register.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ environment: { GATEHOUSE_REGISTRATION: 'open' } });
});
afterAll(() => server.stop());

describe('RFC 7592 Y3 the registration afterwards', () => {
  it('is read, replaced and deleted by its own token alone', async () => {
    const { body: mine } = await register(server, { client_uri: 'https://app.example.com' });
    const { body: other } = await register(server);
    const { registration_client_uri: uri, registration_access_token: token, client_id } = mine;
    for (const wrong of [undefined, 'nonsense', other.registration_access_token, mine.client_secret]) {
      expect((await send(uri, 'GET', undefined, wrong)).status).toBe(401);
      expect((await send(uri, 'DELETE', undefined, wrong)).status).toBe(401);
    }
    expect((await send(uri, 'GET', undefined, token)).body).toMatchObject({
      client_id,
      client_uri: 'https://app.example.com',
    });
    const replaced = await send(
      uri,
      'PUT',
      { client_id, client_name: 'New', redirect_uris: [CALLBACK] },
      token,
    );
    expect(replaced).toMatchObject({ status: 200, body: { client_id, client_name: 'New' } });
    expect(replaced.body).not.toHaveProperty('client_uri');
    expect(
      (await send(uri, 'PUT', { client_id: other.client_id, redirect_uris: [CALLBACK] }, token)).status,
    ).toBe(400);
    expect(
      (await send(uri, 'PUT', { client_id, redirect_uris: ['http://evil.test'] }, token)).body.error,
    ).toBe('invalid_redirect_uri');
    // RFC 7592 §2.2: client_secret must be the current one.
    const named = (client_secret: unknown) =>
      send(uri, 'PUT', { client_id, redirect_uris: [CALLBACK], client_secret }, token);
    for (const wrong of ['one of my own', 7])
      expect((await named(wrong)).body.error).toBe('invalid_client_metadata');
    expect((await named(mine.client_secret)).status).toBe(200);
    // An empty text is no body; the type goes with it all the same.
    expect((await send(uri, 'PUT', '', token)).status).toBe(400);
    expect((await send(uri, 'DELETE', '', token)).status).toBe(204);
    expect((await send(uri, 'GET', undefined, token)).status).toBe(401);
  });

  it('gives a secret, once, where the new method needs one and none is there', async () => {
    const jwk = { ...(await exportJWK((await generateKeyPair('ES256')).publicKey)), kid: 'one' };
    const keys = { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [jwk] } };
    const { body } = await register(server, keys);
    expect(body).not.toHaveProperty('client_secret');
    const { registration_client_uri: uri, registration_access_token: token, client_id } = body;
    const put = () => send(uri, 'PUT', { client_id, redirect_uris: [CALLBACK] }, token);
    const replaced = (await put()).body;
    expect(replaced).toMatchObject({ token_endpoint_auth_method: 'client_secret_basic' });
    const secretIs = async (secret: string) =>
      answerOf(
        await fetch(`${server.issuer}/introspect`, {
          method: 'POST',
          body: new URLSearchParams({ token: 'x' }),
          headers: { authorization: `Basic ${btoa(`${client_id}:${secret}`)}` },
        }),
      );
    expect((await secretIs(replaced.client_secret)).status).toBe(200);
    expect((await put()).body).not.toHaveProperty('client_secret');
    expect((await secretIs(replaced.client_secret)).status).toBe(200);
  });

  it('§2.2 null leaves a member out, also those that are looked at first', async () => {
    const nulls = { sector_identifier_uri: null, software_statement: null, client_name: null, scope: null };
    const { status, body } = await register(server, nulls);
    expect(status).toBe(201);
    const { registration_client_uri: uri, registration_access_token: token, client_id } = body;
    const put = { client_id, redirect_uris: [CALLBACK], ...nulls };
    expect((await send(uri, 'PUT', put, token)).status).toBe(200);
  });

  it('a client that an operator made has none, and a disabled one cannot enable itself', async () => {
    const { client } = await server.client({ redirect_uris: [CALLBACK] });
    expect((await send(`${server.issuer}/register/${client.client_id}`, 'GET', undefined, '')).status).toBe(
      401,
    );
    const { body } = await register(server);
    await server.gatehouse.db.write((tx) =>
      tx.run('UPDATE clients SET disabled_at = 1 WHERE client_id = $1', body.client_id),
    );
    await server.client({ redirect_uris: [CALLBACK] });
    const put = { client_id: body.client_id, redirect_uris: [CALLBACK] };
    expect(
      (await send(body.registration_client_uri, 'PUT', put, body.registration_access_token)).status,
    ).toBe(401);
  });
});

const FACE = {
  client_name: 'Nice app',
  redirect_uris: [CALLBACK],
  client_uri: 'https://app.example.com',
  logo_uri: 'https://app.example.com/logo.png',
};
// biome-ignore lint/suspicious/noExplicitAny: what comes over the wire is looked at member by member
let app: any;
beforeEach(async () => {
  app = (await register(server, FACE)).body;
});

const change = (members: Members) =>
  send(
    app.registration_client_uri,
    'PUT',
    { client_id: app.client_id, ...FACE, ...members },
    app.registration_access_token,
  );

/** Done once, before the next write of a request. */
const meanwhile = (act: () => Promise<unknown>) => beforeNextWrite(server.gatehouse, act);

describe('RFC 7592 what the operator set for an app that registered itself', () => {
  async function byOperator(members: object) {
    const updated = await updateClient(server.gatehouse, grantTypes, app.client_id, { ...members });
    expect(updated).not.toHaveProperty('refused');
  }
  const metadataNow = async () => (await server.gatehouse.clients.find(app.client_id))?.metadata;

  it('is kept where the app replaces its registration; that it is the operator’s own app is not', async () => {
    const resource = `https://${app.client_id}.example.com`;
    const form = { access_token_type: 'JWT', access_token_signed_response_alg: 'RS256' };
    const own = { resources: [resource], default_resource: resource, ...form };
    await byOperator({ ...own, require_pkce: true, strict_auth_method: true, first_party: true });
    const before = await metadataNow();
    expect((await change({ client_name: 'Renamed', require_pkce: false, resources: [] })).status).toBe(200);
    expect(await metadataNow()).toEqual({ ...before, client_name: 'Renamed', first_party: false });
  });

  it('is kept where the operator sets it meanwhile', async () => {
    meanwhile(async () => meanwhile(() => byOperator({ strict_auth_method: true })));
    expect((await change({ client_name: 'Renamed' })).status).toBe(200);
    expect(await metadataNow()).toMatchObject({ client_name: 'Renamed', strict_auth_method: true });
  });
});

describe('a client that deletes itself', () => {
  const remove = () =>
    fetch(app.registration_client_uri, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${app.registration_access_token}` },
    });
  const isThere = async () => (await findClient(server.gatehouse.db, app.client_id)) !== undefined;

  it('fails where an operator disabled it meanwhile', async () => {
    meanwhile(() => setClientDisabled(server.gatehouse, app.client_id, true));
    expect((await remove()).status).toBe(401);
    expect(await isThere()).toBe(true);
  });

  it('does not delete another that got its client_id meanwhile', async () => {
    meanwhile(async () => {
      await deleteClient(server.gatehouse, app.client_id);
      await server.client({ client_id: app.client_id, redirect_uris: [CALLBACK] });
    });
    expect((await remove()).status).toBe(401);
    expect(await isThere()).toBe(true);
  });

  it('is deleted where nothing else changed it', async () => {
    expect((await remove()).status).toBe(204);
    expect((await remove()).status).toBe(401);
    await finishDeletions(server.gatehouse.db);
    expect(await isThere()).toBe(false);
  });
});
