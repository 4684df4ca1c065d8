/** Which algorithms there are keys of: two always, the others for as long as something uses them. */
import { decodeProtectedHeader } from 'jose';
import { afterEach, describe, expect, it } from 'vitest';
import { updateClient } from '../../../src/oauth/clients/create-and-update-clients.ts';
import { deleteClient } from '../../../src/oauth/clients/delete-client-in-pieces.ts';
import { type ListedKey, listKeys } from '../../../src/oauth/keys/list-keys.ts';
import { maintainKeys } from '../../../src/oauth/keys/maintain-keys.ts';
import { rotateKeys } from '../../../src/oauth/keys/rotate-and-revoke-keys.ts';
import { subjectOfIdToken } from '../../../src/oauth/tokens/id-token-hint.ts';
import {
  type Answer,
  answerOf,
  auditEvents,
  authorize,
  confidentialClient,
  type Registered,
  redeem,
  userinfo,
} from '../../support/flow.ts';
import { grantTypes, startServer, type TestServer } from '../../support/server.ts';

const MINUTE_MS = 60_000;

/** Until a key that nothing uses retires, and then until its last token has expired. */
const UNTIL_RETIRED_MS = 901_000;
const UNTIL_GONE_MS = UNTIL_RETIRED_MS + 360_000;

let server: TestServer;
afterEach(() => server.stop());

async function start(environment: Record<string, string> = {}): Promise<void> {
  server = await startServer({ environment });
  await server.user();
}

const read = async (path: string) =>
  // biome-ignore lint/suspicious/noExplicitAny: what comes over the wire is looked at member by member
  (await (await fetch(server.issuer + path)).json()) as any;
const published = async (): Promise<string[]> =>
  (await read('/jwks')).keys.map(({ alg }: { alg: string }) => alg).sort();
const discovery = () => read('/.well-known/openid-configuration');

async function expectListed(...algorithms: string[]): Promise<void> {
  const document = await discovery();
  expect([...document.id_token_signing_alg_values_supported].sort()).toEqual([...algorithms].sort());
  expect([...document.userinfo_signing_alg_values_supported].sort()).toEqual([...algorithms].sort());
}

async function signIn(app: Registered): Promise<Answer['body']> {
  return (await redeem(server, app, await authorize(server, app.client))).body;
}

const headerOf = (token: string) => decodeProtectedHeader(token);
const keyOf = async (alg: string, state?: string): Promise<ListedKey | undefined> =>
  (await listKeys(server.gatehouse)).find(
    (key) => key.alg === alg && (state === undefined || key.state === state),
  );
const change = (app: Registered, metadata: Record<string, unknown>) =>
  updateClient(server.gatehouse, grantTypes, app.client.client_id, metadata);
const typesOf = async () =>
  (await auditEvents(server)).map(({ type }) => type).filter((type) => /^key\./.test(type));

describe('a server where no client needs more', () => {
  it('publishes the key of most ID tokens first: there are readers that take the first, whatever its kid', async () => {
    await start();
    expect((await read('/jwks')).keys.map(({ alg }: { alg: string }) => alg)).toEqual(['RS256', 'ES256']);
  });

  it('M12 publishes ES256 and RS256 alone, which every reader knows, and so does discovery', async () => {
    await start();
    expect(await published()).toEqual(['ES256', 'RS256']);
    await expectListed('ES256', 'RS256');
    const app = await confidentialClient(server);
    expect(headerOf((await signIn(app)).id_token).alg).toBe('RS256');
  });

  it('takes client assertions by all four all the same', async () => {
    await start();
    const four = ['ES256', 'RS256', 'PS256', 'EdDSA'];
    const document = await discovery();
    for (const endpoint of ['token', 'revocation', 'introspection'])
      expect(document[`${endpoint}_endpoint_auth_signing_alg_values_supported`]).toEqual(four);
  });

  it('rotates those that are used, and no others', async () => {
    await start();
    await rotateKeys(server.gatehouse);
    expect(await published()).toEqual(['ES256', 'ES256', 'RS256', 'RS256']);
  });
});

describe.each(['PS256', 'EdDSA'])('%s', (alg) => {
  it.each(['id_token_signed_response_alg', 'userinfo_signed_response_alg'])(
    'a key is there from the moment that a client is made with %s, and signs at once',
    async (member) => {
      await start();
      const app = await confidentialClient(server, { [member]: alg });
      expect(await published()).toEqual(['ES256', 'RS256', alg].sort());
      await expectListed('ES256', 'RS256', alg);
      const body = await signIn(app);
      const signed = member.startsWith('id')
        ? body.id_token
        : (await userinfo(server, body.access_token)).body;
      expect(headerOf(signed)).toMatchObject({ alg, kid: (await keyOf(alg))?.kid });
    },
  );

  it('a client that is changed to it has it at once, and its second key follows M13', async () => {
    await start();
    const app = await confidentialClient(server);
    await change(app, { id_token_signed_response_alg: alg });
    const first = headerOf((await signIn(app)).id_token).kid;
    expect(first).toBe((await keyOf(alg))?.kid);
    await rotateKeys(server.gatehouse);
    expect(headerOf((await signIn(app)).id_token).kid).toBe(first);
    const second = (await keyOf(alg, 'next'))?.kid;
    expect((await read('/jwks')).keys.map(({ kid }: { kid: string }) => kid)).toContain(second);
    server.clock.advance(901_000);
    expect(headerOf((await signIn(app)).id_token).kid).toBe(second);
  });

  it.each([
    ['is changed', (app: Registered) => change(app, { id_token_signed_response_alg: 'RS256' })],
    ['is deleted', (app: Registered) => deleteClient(server.gatehouse, app.client.client_id)],
  ])('its key retires when its last client %s, and goes after its last token', async (_how, end) => {
    await start();
    const app = await confidentialClient(server, { id_token_signed_response_alg: alg });
    const { id_token } = await signIn(app);
    const { kid } = headerOf(id_token);
    await end(app);
    await maintainKeys(server.gatehouse);
    expect((await keyOf(alg))?.kid).toBe(kid);
    server.clock.advance(UNTIL_RETIRED_MS);
    expect(await keyOf(alg)).toMatchObject({ kid, state: 'retired' });
    expect(await published()).toContain(alg);
    await expectListed('ES256', 'RS256');
    server.clock.advance(UNTIL_GONE_MS - UNTIL_RETIRED_MS);
    await maintainKeys(server.gatehouse);
    expect(await published()).toEqual(['ES256', 'RS256']);
    expect(await typesOf()).toContain('key.retired');
    // O5: a hint for as long as a session may live.
    if (await server.gatehouse.clients.find(app.client.client_id))
      expect(await subjectOfIdToken(server.gatehouse, id_token)).toBeTypeOf('string');
  });

  it('a client that changes back to it finds the key that others know', async () => {
    await start();
    const app = await confidentialClient(server, { id_token_signed_response_alg: alg });
    const first = (await keyOf(alg))?.kid;
    for (const waitMs of [MINUTE_MS, UNTIL_RETIRED_MS]) {
      await change(app, { id_token_signed_response_alg: 'RS256' });
      await maintainKeys(server.gatehouse);
      server.clock.advance(waitMs);
      await change(app, { id_token_signed_response_alg: alg });
      expect(headerOf((await signIn(app)).id_token).kid).toBe(first);
    }
    expect(await keyOf(alg)).toMatchObject({ state: 'current', retires_at: null, removed_at: null });
    expect(await typesOf()).toContain('key.resumed');
    await deleteClient(server.gatehouse, app.client.client_id);
    await maintainKeys(server.gatehouse);
    server.clock.advance(UNTIL_GONE_MS);
    await maintainKeys(server.gatehouse);
    const again = await confidentialClient(server, { id_token_signed_response_alg: alg });
    expect(headerOf((await signIn(again)).id_token).kid).not.toBe(first);
  });

  it('a key that leaked is replaced where a client uses it, and only revoked where none does', async () => {
    await start();
    const app = await confidentialClient(server, { id_token_signed_response_alg: alg });
    const first = (await keyOf(alg))?.kid;
    await rotateKeys(server.gatehouse, { now: true, revoke: [first ?? ''] });
    const second = (await keyOf(alg))?.kid;
    expect(headerOf((await signIn(app)).id_token).kid).toBe(second);
    await change(app, { id_token_signed_response_alg: 'RS256' });
    await rotateKeys(server.gatehouse, { now: true, revoke: [second ?? ''] });
    expect(await keyOf(alg)).toBeUndefined();
    await change(app, { id_token_signed_response_alg: alg });
    expect(headerOf((await signIn(app)).id_token).kid).toBe((await keyOf(alg, 'current'))?.kid);
  });

  it('the successor of a key that nothing uses any more is given up', async () => {
    await start();
    const app = await confidentialClient(server, { id_token_signed_response_alg: alg });
    await rotateKeys(server.gatehouse);
    await change(app, { id_token_signed_response_alg: 'RS256' });
    await maintainKeys(server.gatehouse);
    expect(await keyOf(alg, 'next')).toBeUndefined();
    server.clock.advance(UNTIL_GONE_MS);
    expect(await published()).not.toContain(alg);
  });
});

describe('further_signing_algorithms', () => {
  it('has their keys before a client uses them, and an app may register itself with them', async () => {
    await start({ GATEHOUSE_REGISTRATION: 'open', GATEHOUSE_FURTHER_SIGNING_ALGORITHMS: 'PS256, EdDSA' });
    expect(await published()).toEqual(['ES256', 'EdDSA', 'PS256', 'RS256']);
    await expectListed('ES256', 'EdDSA', 'PS256', 'RS256');
    expect((await register({ id_token_signed_response_alg: 'PS256' })).status).toBe(201);
    expect((await register({ userinfo_signed_response_alg: 'EdDSA' })).status).toBe(201);
  });

  it('an app may register itself only with a listed algorithm, and causes no new key', async () => {
    await start({ GATEHOUSE_REGISTRATION: 'open' });
    const members = ['id_token_signed_response_alg', 'userinfo_signed_response_alg'];
    for (const member of members) {
      expect((await register({ [member]: 'ES256' })).status).toBe(201);
      const { status, body } = await register({ [member]: 'PS256' });
      expect([status, body.error]).toEqual([400, 'invalid_client_metadata']);
      expect(body.error_description).toContain('may be ES256 or RS256');
    }
    expect(await published()).toEqual(['ES256', 'RS256']);
    await confidentialClient(server, { id_token_signed_response_alg: 'PS256' });
    for (const member of members) expect((await register({ [member]: 'PS256' })).status).toBe(201);
    // What it signs with itself is another matter.
    expect((await register({ token_endpoint_auth_signing_alg: 'EdDSA' })).status).toBe(201);
  });

  it('an app that registered itself with it keeps the key', async () => {
    await start({ GATEHOUSE_REGISTRATION: 'open' });
    const app = await confidentialClient(server, { id_token_signed_response_alg: 'PS256' });
    const { body } = await register({ id_token_signed_response_alg: 'PS256' });
    await deleteClient(server.gatehouse, app.client.client_id);
    await maintainKeys(server.gatehouse);
    server.clock.advance(UNTIL_GONE_MS);
    expect(await published()).toContain('PS256');
    const { client_id, registration_client_uri, registration_access_token } = body;
    const redirect_uris = ['https://app.example.com/cb'];
    const changed = await fetch(registration_client_uri, {
      method: 'PUT',
      headers: { authorization: `Bearer ${registration_access_token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ client_id, redirect_uris, id_token_signed_response_alg: 'ES256' }),
    });
    expect(changed.status).toBe(200);
    await maintainKeys(server.gatehouse);
    server.clock.advance(UNTIL_GONE_MS);
    expect(await published()).not.toContain('PS256');
  });
});

async function register(metadata: Record<string, unknown>): Promise<Answer> {
  return answerOf(
    await fetch(`${server.issuer}/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ redirect_uris: ['https://app.example.com/cb'], ...metadata }),
    }),
  );
}
