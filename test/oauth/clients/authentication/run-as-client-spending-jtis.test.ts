/** An assertion is spent in the request's own transaction: what rolls back leaves it, what is refused does not. A043 */
import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isRefusal } from '../../../../src/lib/outcome.ts';
import { updateClient } from '../../../../src/oauth/clients/create-and-update-clients.ts';
import type { Database } from '../../../../src/storage/database.ts';
import { StorageUnavailableError } from '../../../../src/storage/storage-errors.ts';
import { beforeNextWrite, isRequestsOwn } from '../../../support/before-next-write.ts';
import { engines, startServerOn } from '../../../support/engines.ts';
import { authorize, CALLBACK, lastReason, post, type Registered } from '../../../support/flow.ts';
import { grantTypes, type TestServer } from '../../../support/server.ts';
import { createUserAgent, type UserAgent } from '../../../support/user-agent.ts';

const TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

describe.each(engines)('%s: an assertion', (engine) => {
  let server: TestServer;
  let app: Registered;
  let agent: UserAgent;
  let sign: (audience?: string) => Promise<string>;
  let write: Database['write'];

  beforeAll(async () => {
    server = await startServerOn(engine);
    await server.user();
    agent = createUserAgent(server.issuer);
    write = server.gatehouse.db.write;
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    app = await server.client({
      redirect_uris: [CALLBACK],
      grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
      token_endpoint_auth_method: 'private_key_jwt',
      scope: 'openid offline_access',
      jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: 'one' }] },
    });
    const { client_id } = app.client;
    sign = () => {
      const seconds = Math.floor(server.clock.nowMs() / 1000);
      const claims = {
        iss: client_id,
        sub: client_id,
        aud: server.issuer,
        jti: randomUUID(),
        exp: seconds + 60,
      };
      return new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'one' }).sign(privateKey);
    };
  });
  afterAll(() => server.stop());
  // Wrong assertions are counted for ten minutes.
  beforeEach(() => server.clock.advance(700_000));
  afterEach(() => void Object.assign(server.gatehouse.db, { write }));

  const ask = (client_assertion: string, form: Record<string, string>, path = '/token') =>
    post(server, path, { client_assertion_type: TYPE, client_assertion, ...form });
  const forItself = (client_assertion: string) => ask(client_assertion, { grant_type: 'client_credentials' });

  async function newCode(): Promise<Record<string, string>> {
    const more = { scope: 'openid offline_access' };
    const { code, pkce } = await authorize(server, app.client, { agent, more });
    const { code_verifier } = pkce;
    return { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier };
  }

  it('and the code are spent in one transaction', async () => {
    const form = await newCode();
    const assertion = await sign();
    let writes = 0;
    Object.assign(server.gatehouse.db, {
      write: (body: Parameters<typeof write>[0]) => {
        if (isRequestsOwn()) writes += 1;
        return write(body);
      },
    });
    expect((await ask(assertion, form)).status).toBe(200);
    expect(writes).toBe(1);
    expect((await forItself(await sign())).status).toBe(200);
    expect(writes).toBe(2);
  });

  it('that was shown before spends no code, one after the other and at once', async () => {
    const used = await sign();
    expect((await forItself(used)).status).toBe(200);
    const kept = await newCode();
    expect((await ask(used, kept)).body.error).toBe('invalid_client');
    expect(await lastReason(server)).toBe('assertion_replayed');
    expect((await ask(await sign(), kept)).status).toBe(200);
    const forms: Record<string, string>[] = [];
    while (forms.length < 8) forms.push(await newCode());
    const once = await sign();
    const answers = await Promise.all(forms.map((form) => ask(once, form)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const unspent = await server.gatehouse.db.all("SELECT 1 FROM one_time WHERE kind = 'code'");
    expect(unspent).toHaveLength(7);
  });

  it('is good again where the request failed by accident, and its code too', async () => {
    const form = await newCode();
    const assertion = await sign();
    Object.assign(server.gatehouse.db, {
      async write(body: Parameters<typeof write>[0]) {
        if (!isRequestsOwn()) return write(body);
        Object.assign(server.gatehouse.db, { write });
        return write(async (tx) => {
          await body(tx);
          throw new StorageUnavailableError('lost');
        });
      },
    });
    expect((await ask(assertion, form)).status).toBe(503);
    expect((await ask(assertion, form)).status).toBe(200);
  });

  it.each([
    ['before its transaction', { code: 'unknown' }, 'invalid_grant'],
    ['by the gate, which leaves the code', { resource: 'https://api.example.com' }, 'invalid_target'],
    ['for its parameters', { grant_type: '' }, 'invalid_request'],
  ])('of a request that is refused %s is spent all the same', async (_when, wrong, error) => {
    const assertion = await sign();
    const form = await newCode();
    const refused = await ask(assertion, { ...form, ...wrong } as Record<string, string>);
    expect(refused.body.error, JSON.stringify(refused.body)).toBe(error);
    expect((await ask(assertion, form)).body.error).toBe('invalid_client');
    expect((await ask(await sign(), form)).status).toBe(200);
  });

  it('that was shown before ends no token, and one that is new does', async () => {
    const used = await sign();
    const { body: tokens } = await ask(used, await newCode());
    const form = { token: tokens.refresh_token };
    expect((await ask(used, form, '/revoke')).body.error).toBe('invalid_client');
    expect((await ask(await sign(), form, '/introspect')).body.active).toBe(true);
    const fresh = await sign();
    expect((await ask(fresh, form, '/revoke')).status).toBe(200);
    expect((await ask(fresh, form, '/revoke')).body.error).toBe('invalid_client');
    expect((await ask(await sign(), form, '/introspect')).body).toEqual({ active: false });
  });

  it('of a client whose keys were removed meanwhile ends no token, and proves nothing at introspection', async () => {
    const { body: tokens } = await ask(await sign(), await newCode());
    const form = { token: tokens.refresh_token };
    const { jwks } = app.client.metadata;
    const change = (changes: object) => async () => {
      const outcome = await updateClient(server.gatehouse, grantTypes, app.client.client_id, { ...changes });
      if (isRefusal(outcome)) throw new Error(outcome.description);
    };
    const withoutKeys = change({ jwks: { keys: jwks?.keys.map((key) => ({ ...key, kid: 'two' })) } });
    for (const path of ['/revoke', '/introspect']) {
      beforeNextWrite(server.gatehouse, withoutKeys);
      expect((await ask(await sign(), form, path)).body.error).toBe('invalid_client');
      await change({ jwks })();
    }
    expect((await ask(await sign(), form, '/introspect')).body.active).toBe(true);
  });
});
