/** The public keys, as every reader gets them. RFC 7517 §5 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { jwks } from '../../../src/oauth/requests/jwks.ts';
import { StorageUnavailableError } from '../../../src/storage/storage-errors.ts';
import { answerOf } from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const get = async (headers: Record<string, string> = {}) =>
  answerOf(await fetch(`${server.issuer}/jwks`, { headers }));

it('M12 the key of most ID tokens is the first, and none has a private part', async () => {
  const { status, body } = await get();
  expect(status).toBe(200);
  expect(body.keys.map(({ alg }: { alg: string }) => alg)).toEqual(['RS256', 'ES256']);
  for (const key of body.keys) {
    expect(key).toMatchObject({ use: 'sig', kid: expect.stringMatching(/^[\w-]{43}$/) });
    for (const member of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'])
      expect(key, member).not.toHaveProperty(member);
  }
});

it('it is rendered once for as long as the same keys are published, and a cache may keep it', async () => {
  const [first, second] = [await jwks(server.gatehouse), await jwks(server.gatehouse)];
  expect(second.body).toBe(first.body);
  expect(first.body.maxAgeSeconds).toBe(server.gatehouse.settings.jwks_max_age_seconds);
  const { headers } = await get();
  expect(headers.get('etag')).toBe(first.body.etag);
  expect((await get({ 'if-none-match': first.body.etag })).status).toBe(304);
});

it('M13 while the database is away, what was read last is told for as long as a cache may believe it', async () => {
  const { gatehouse, clock } = server;
  clock.hold();
  await gatehouse.keys.published();
  const keys = {
    ...gatehouse.keys,
    published: () => Promise.reject(new StorageUnavailableError('away')),
  };
  const away = { ...gatehouse, keys };
  const lastsMs = gatehouse.settings.jwks_max_age_seconds * 1000;
  clock.advance(1500);
  expect((await jwks(away)).body.maxAgeSeconds).toBe(Math.floor(lastsMs / 1000) - 2);
  clock.advance(lastsMs - 1501);
  expect((await jwks(away)).body.maxAgeSeconds).toBe(0);
  clock.advance(1);
  await expect(jwks(away)).rejects.toThrow('away');
});

it('another fault is a fault, whatever was read before', async () => {
  const { gatehouse } = server;
  const keys = { ...gatehouse.keys, published: () => Promise.reject(new Error('broken')) };
  await expect(jwks({ ...gatehouse, keys })).rejects.toThrow('broken');
});
