/** A client that is changed while its request waits, for its own keys for instance. Decision 0029: the transaction decides. */
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { decodeJwt, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isRefusal } from '../../../src/lib/outcome.ts';
import { updateClient } from '../../../src/oauth/clients/create-and-update-clients.ts';
import { deleteClient } from '../../../src/oauth/clients/delete-client-in-pieces.ts';
import { setClientDisabled } from '../../../src/oauth/clients/disable-and-enable-client.ts';
import { rotateClientSecret } from '../../../src/oauth/clients/issue-client-secrets.ts';
import { beforeNextWrite } from '../../support/before-next-write.ts';
import { engines, startServerOn } from '../../support/engines.ts';
import {
  type Answer,
  authorize,
  confidentialClient,
  post,
  type Registered,
  redeem,
  refresh,
} from '../../support/flow.ts';
import { grantTypes, type TestServer } from '../../support/server.ts';
import { createUserAgent, type UserAgent } from '../../support/user-agent.ts';

const SCOPE = 'openid offline_access';
const TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const key = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const jwks = { keys: [{ ...key.publicKey.export({ format: 'jwk' }), kid: 'one' }] };
const encryption = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' });

describe.each(engines)('%s: a client whose request waits', (engine) => {
  let server: TestServer;
  let agent: UserAgent;
  let app: Registered;
  beforeAll(async () => {
    server = await startServerOn(engine);
    await server.user();
    agent = createUserAgent(server.issuer);
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    app = await confidentialClient(server, { scope: SCOPE });
  });

  async function changed(changes: Record<string, unknown>): Promise<void> {
    const outcome = await updateClient(server.gatehouse, grantTypes, app.client.client_id, changes);
    if (isRefusal(outcome)) throw new Error(outcome.description);
  }
  const rotated = (keepOldForSeconds: number) =>
    rotateClientSecret(server.gatehouse, app.client.client_id, { keepOldForSeconds });
  const authorized = () =>
    authorize(server, app.client, { agent, more: { scope: SCOPE, prompt: 'consent' } });

  const away: readonly (readonly [string, () => Promise<unknown>, string])[] = [
    ['its scope', () => changed({ scope: 'openid' }), 'invalid_grant'],
    [
      'its grant types',
      () =>
        changed({
          grant_types: ['client_credentials'],
          redirect_uris: [],
          response_types: [],
          scope: 'read',
        }),
      'unauthorized_client',
    ],
    ['its secret', () => rotated(0), 'invalid_client'],
    [
      'its way to authenticate',
      () => changed({ token_endpoint_auth_method: 'client_secret_post', strict_auth_method: true }),
      'invalid_client',
    ],
  ];

  for (const [what, take, error] of away) {
    it(`A070 gets nothing for a code once ${what} was removed, and the code is not spent`, async () => {
      const code = await authorized();
      beforeNextWrite(server.gatehouse, take);
      const { body } = await redeem(server, app, code);
      expect(body.error, JSON.stringify(body)).toBe(error);
      const kept = await server.gatehouse.db.all(
        'SELECT 1 FROM one_time WHERE grant_id = $1',
        code.code.split('.')[0] ?? '',
      );
      expect(kept).toHaveLength(1);
    });

    it(`A070 gets nothing for a refresh token once ${what} was removed`, async () => {
      const { body: tokens } = await redeem(server, app, await authorized());
      beforeNextWrite(server.gatehouse, take);
      const { body } = await refresh(server, app, tokens.refresh_token);
      expect(body.error, JSON.stringify(body)).toBe(error);
    });
  }

  it('is served where only its name changed, or its old secret is kept for a while', async () => {
    const code = await authorized();
    beforeNextWrite(server.gatehouse, () => changed({ client_name: 'Another name' }));
    const { status, body } = await redeem(server, app, code);
    expect(status, JSON.stringify(body)).toBe(200);
    beforeNextWrite(server.gatehouse, () => rotated(60));
    expect((await refresh(server, app, body.refresh_token)).status).toBe(200);
  });

  it('gets no refresh token once it may not refresh, and an ID token by its new metadata', async () => {
    const code = await authorized();
    beforeNextWrite(server.gatehouse, () =>
      changed({
        grant_types: ['authorization_code'],
        id_token_encrypted_response_alg: 'RSA-OAEP-256',
        jwks: { keys: [encryption] },
      }),
    );
    const { status, body } = await redeem(server, app, code);
    expect(status, JSON.stringify(body)).toBe(200);
    expect(body.refresh_token).toBeUndefined();
    expect(body.id_token.split('.')).toHaveLength(5);
  });

  describe('and that proves itself with a key', () => {
    beforeEach(async () => {
      app = await server.client({
        grant_types: ['client_credentials'],
        scope: 'read write',
        token_endpoint_auth_method: 'private_key_jwt',
        jwks,
      });
    });

    async function ask(): Promise<Answer> {
      const nowSeconds = Math.floor(server.clock.nowMs() / 1000);
      const { client_id } = app.client;
      const client_assertion = await new SignJWT({ jti: randomUUID() })
        .setProtectedHeader({ alg: 'ES256', kid: 'one' })
        .setIssuer(client_id)
        .setSubject(client_id)
        .setAudience(server.issuer)
        .setExpirationTime(nowSeconds + 60)
        .sign(key.privateKey);
      const form = { grant_type: 'client_credentials', client_assertion_type: TYPE, client_assertion };
      return post(server, '/token', { ...form, client_id });
    }

    it.each([
      ['that it was disabled', () => setClientDisabled(server.gatehouse, app.client.client_id, true)],
      ['that it was deleted', () => deleteClient(server.gatehouse, app.client.client_id)],
      ['that its keys went', () => changed({ jwks: { keys: [{ ...jwks.keys[0], kid: 'two' }] } })],
    ] as const)('A043 gets nothing for itself after %s', async (_what, take) => {
      beforeNextWrite(server.gatehouse, take);
      const { status, body } = await ask();
      expect([status, body.error]).toEqual([401, 'invalid_client']);
    });

    it('A070 gets for itself the scope that it has by then', async () => {
      beforeNextWrite(server.gatehouse, () => changed({ scope: 'read' }));
      expect(decodeJwt((await ask()).body.access_token).scope).toBe('read');
      beforeNextWrite(server.gatehouse, () => changed({ scope: 'read', client_name: 'Another' }));
      expect((await ask()).status).toBe(200);
    });
  });
});
