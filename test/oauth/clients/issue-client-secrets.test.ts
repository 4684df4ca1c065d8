/** Secrets of clients: stored as hashes, rotated without a moment in which neither is good. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isRefusal } from '../../../src/lib/outcome.ts';
import { sha256 } from '../../../src/lib/sha256-and-hmac.ts';
import {
  missingSecret,
  needsSecret,
  rotateClientSecret,
  secretFor,
} from '../../../src/oauth/clients/issue-client-secrets.ts';
import { createClientSecrets } from '../../../src/oauth/clients/live-secret-hashes.ts';
import { readClient } from '../../../src/oauth/clients/read-clients.ts';
import { auditEvents, CALLBACK, post, publicClient, type Registered } from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { clientOf } from './client-value.ts';

let server: TestServer;
let app: Registered;
beforeAll(async () => {
  server = await startServer();
  server.clock.hold();
  app = await server.client({ grant_types: ['client_credentials'] });
});
afterAll(() => server.stop());

const rotate = (client_id: string, keepOldForSeconds: number) =>
  rotateClientSecret(server.gatehouse, client_id, { keepOldForSeconds });
const statusWith = async (client_secret: string | undefined) =>
  (await post(server, '/token', { grant_type: 'client_credentials' }, { ...app, client_secret })).status;

describe('a rotation', () => {
  it('gives a secret that is good at once, and the old one goes on for as long as was said', async () => {
    const rotated = await rotate(app.client.client_id, 60);
    if (isRefusal(rotated)) throw new Error(rotated.description);
    expect(await statusWith(rotated.client_secret)).toBe(200);
    server.clock.advance(59_999);
    expect(await statusWith(app.client_secret)).toBe(200);
    server.clock.advance(1);
    expect(await statusWith(app.client_secret)).toBe(401);
    expect(await statusWith(rotated.client_secret)).toBe(200);
    app = { ...app, client_secret: rotated.client_secret };
  });

  it('that keeps the old one for no time ends it with the rotation', async () => {
    const rotated = await rotate(app.client.client_id, 0);
    if (isRefusal(rotated)) throw new Error(rotated.description);
    expect(await statusWith(app.client_secret)).toBe(401);
    expect(await statusWith(rotated.client_secret)).toBe(200);
  });

  it('is in the audit, and what is stored is the hash alone', async () => {
    const rotated = await rotate(app.client.client_id, 0);
    if (isRefusal(rotated)) throw new Error(rotated.description);
    const secret = rotated.client_secret ?? '';
    const rows = await server.gatehouse.db.all<object>('SELECT * FROM client_secrets');
    expect(JSON.stringify(rows)).toContain(sha256(secret));
    const events = await auditEvents(server);
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'client.secret_rotated', client_id: app.client.client_id }),
    );
    expect(JSON.stringify([rows, events])).not.toContain(secret);
  });

  it('is refused for a public client and for one that is not there, and changes nothing', async () => {
    const spa = await publicClient(server);
    expect(await rotate(spa.client.client_id, 0)).toMatchObject({
      error: 'conflict',
      reason: 'public_client',
    });
    expect(await rotate('unknown', 0)).toMatchObject({ error: 'not_found', reason: 'unknown_client' });
    const after = await readClient(server.gatehouse.db, spa.client.client_id);
    expect(after?.secrets.live(server.clock.nowMs())).toEqual([]);
  });
});

describe('a new client', () => {
  const metadata = (token_endpoint_auth_method: string) => ({
    ...clientOf().metadata,
    token_endpoint_auth_method,
  });

  it('gets a secret where its method is one by secret, the chosen one where one was chosen', () => {
    const { gatehouse } = server;
    for (const method of ['client_secret_basic', 'client_secret_post']) {
      expect(needsSecret(metadata(method)), method).toBe(true);
      expect(secretFor(gatehouse, metadata(method), { client_secret: 'chosen' })).toBe('chosen');
      expect(secretFor(gatehouse, metadata(method), {})).toMatch(/^[\w-]{43,}$/);
    }
    for (const method of ['none', 'private_key_jwt']) {
      expect(needsSecret(metadata(method)), method).toBe(false);
      expect(secretFor(gatehouse, metadata(method), { client_secret: 'chosen' })).toBeUndefined();
    }
  });
});

it('a client whose method needs a secret from now on gets one where none of its own is live', () => {
  const { gatehouse, clock } = { gatehouse: server.gatehouse, clock: server.clock };
  const client = (...ends: (number | null)[]) => {
    const rows = ends.map((expires_at) => ({ secret_hash: 'x', expires_at }));
    return clientOf({ redirect_uris: [CALLBACK] }, { secrets: createClientSecrets(rows) });
  };
  const made = (...ends: (number | null)[]) => {
    const one = client(...ends);
    return missingSecret(gatehouse, one, one.metadata) !== undefined;
  };
  const nowMs = clock.nowMs();
  expect(made()).toBe(true);
  expect(made(nowMs)).toBe(true);
  expect(made(nowMs + 1)).toBe(false);
  expect(made(nowMs, null)).toBe(false);
});
