/** RFC 6749 §4.4: the client acts for itself. */
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Answer,
  auditEvents,
  confidentialClient,
  lastReason,
  post,
  publicClient,
  type Registered,
  userinfo,
} from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { runVerb } from '../../support/verb.ts';

let server: TestServer;
let machine: Registered;

const register = (metadata: Record<string, unknown>) =>
  confidentialClient(server, {
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
    ...metadata,
  });
const ask = (as: Registered, more: Record<string, string> = {}): Promise<Answer> =>
  post(server, '/token', { grant_type: 'client_credentials', ...more }, as);

beforeAll(async () => {
  server = await startServer();
  server.clock.hold();
  machine = await register({ scope: 'read write' });
});
afterAll(() => server.stop());

describe('client_credentials', () => {
  it('T13 T5 gives an access token of the client itself, and nothing of a person', async () => {
    const { status, body, headers } = await ask(machine);
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(Object.keys(body).sort()).toEqual(['access_token', 'expires_in', 'scope', 'token_type']);
    const { client_id } = machine.client;
    const claims = decodeJwt(body.access_token);
    expect(claims).toMatchObject({ iss: server.issuer, aud: server.issuer, sub: client_id, client_id });
    expect(claims.scope).toBe(body.scope);
    for (const name of ['auth_time', 'acr', 'amr', 'sid', 'nonce'])
      expect(claims[name], name).toBeUndefined();
    expect(decodeProtectedHeader(body.access_token).typ).toBe('at+jwt');
  });

  it('T13 has no scope about a person, of a client that has people too', async () => {
    const both = await confidentialClient(server, {
      grant_types: ['authorization_code', 'client_credentials'],
      scope: 'read write openid profile',
    });
    expect((await ask(both)).body.scope).toBe('read write');
    expect((await ask(both, { scope: 'openid read' })).body.scope).toBe('read');
    const alone = await ask(both, { scope: 'openid profile' });
    expect(alone.status).toBe(200);
    expect(alone.body.scope ?? '').toBe('');
    expect(decodeJwt(alone.body.access_token).scope ?? '').toBe('');
  });

  it('Z9 T9 is narrowed to what the client may have, and refused where nothing remains', async () => {
    expect((await ask(machine, { scope: 'write admin' })).body.scope).toBe('write');
    const refused = await ask(machine, { scope: 'admin' });
    expect([refused.status, refused.body.error]).toEqual([400, 'invalid_scope']);
    expect((await ask(machine, { scope: 'read"' })).body.error).toBe('invalid_scope');
    const none = await register({ scope: '' });
    const empty = await ask(none);
    expect([empty.status, empty.body.scope ?? '']).toEqual([200, '']);
    expect((await ask(none, { scope: 'read' })).body.error).toBe('invalid_scope');
  });

  it('T13 T3 is for confidential clients that registered it', async () => {
    const web = await confidentialClient(server);
    expect((await ask(web)).body.error).toBe('unauthorized_client');
    const spa = await publicClient(server);
    expect((await ask(spa)).body.error).toBe('unauthorized_client');
    await expect(
      publicClient(server, { grant_types: ['client_credentials'], redirect_uris: [], response_types: [] }),
    ).rejects.toThrow();
  });

  it('W1 its token is no key to userinfo, and is introspected by its client as its own', async () => {
    const { body } = await ask(machine);
    const answer = await userinfo(server, body.access_token);
    expect(answer.status).toBeGreaterThanOrEqual(401);
    expect(await lastReason(server)).toBeDefined();
    const told = await post(server, '/introspect', { token: body.access_token }, machine);
    const { client_id } = machine.client;
    expect(told.body).toMatchObject({ active: true, client_id, sub: client_id, scope: 'read write' });
    expect(told.body.username).toBeUndefined();
  });

  it('K5 its token ends at its time, and at once where the client revokes it', async () => {
    const { body } = await ask(machine);
    const isActive = async () =>
      (await post(server, '/introspect', { token: body.access_token }, machine)).body.active;
    expect(await isActive()).toBe(true);
    expect((await post(server, '/revoke', { token: body.access_token }, machine)).status).toBe(200);
    expect(await isActive()).toBe(false);
    const { body: next } = await ask(machine);
    server.clock.advance(next.expires_in * 1000 - 1000);
    const activeUntil = async () =>
      (await post(server, '/introspect', { token: next.access_token }, machine)).body.active;
    expect(await activeUntil()).toBe(true);
    server.clock.advance(1000);
    expect(await activeUntil()).toBe(false);
  });

  it('T15 T19 is for one resource that is named, or the default of the client', async () => {
    const resource = 'https://api.example/v1';
    const api = await register({ resources: [resource] });
    const aud = async (answer: Promise<Answer>) => {
      const { body } = await answer;
      return body.access_token ? decodeJwt(body.access_token).aud : body.error;
    };
    expect(await aud(ask(machine, { resource }))).toBe(resource);
    expect(await aud(ask(machine, { audience: resource }))).toBe(resource);
    expect(await aud(ask(machine, { resource: 'https://nobody.example/' }))).toBe('invalid_target');
    expect(await aud(ask(machine, { resource: `${resource}#a` }))).toBe('invalid_target');
    const withDefault = await register({ default_resource: resource });
    expect(await aud(ask(withDefault))).toBe(resource);
    await runVerb(server, 'client', 'disable', { client_id: api.client.client_id });
    expect(await aud(ask(withDefault))).toBe('invalid_target');
    expect(await aud(ask(machine, { resource }))).toBe('invalid_target');
  });

  it('parameters of other grants do nothing', async () => {
    const more = { code: 'x', refresh_token: 'y', redirect_uri: 'https://evil.example', username: 'alice' };
    expect((await ask(machine, more)).status).toBe(200);
  });

  it('is an event of the audit, with the client and without a person', async () => {
    const { client_id } = machine.client;
    const ofClient = async () => (await auditEvents(server)).filter((event) => event.client_id === client_id);
    const before = (await ofClient()).length;
    await ask(machine);
    const events = await ofClient();
    expect(events.length).toBe(before + 1);
    expect(events[0]).toMatchObject({ client_id });
    expect(events[0]?.sub ?? null).toBeNull();
  });
});
