import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { listKeys } from '../../../src/oauth/keys/list-keys.ts';
import { rotateKeys } from '../../../src/oauth/keys/rotate-and-revoke-keys.ts';
import { subjectOfIdToken } from '../../../src/oauth/tokens/id-token-hint.ts';
import { authorize, publicClient, redeem, refresh, userinfo } from '../../support/flow.ts';
import { seeFormerKeys } from '../../support/former-keys.ts';
import { startServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const read = async (url: string) => (await fetch(url)).json() as Promise<Record<string, unknown>>;

it('M12 M14 only public parts, unique kid, use and alg; strong keys', async () => {
  const { keys } = (await read(`${server.issuer}/jwks`)) as { keys: Record<string, string>[] };
  expect(new Set(keys.map((key) => key.kid)).size).toBe(keys.length);
  for (const key of keys) {
    expect(key.use).toBe('sig');
    expect(['ES256', 'RS256', 'PS256', 'EdDSA']).toContain(key.alg);
    for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']) expect(key[secret]).toBeUndefined();
  }
  const modulus = keys.find((key) => key.kty === 'RSA')?.n ?? '';
  expect(Buffer.from(modulus, 'base64url').length).toBeGreaterThanOrEqual(256);
});

it('M13 a new key is published before it signs, and the old one stays until its last token has expired', async () => {
  const own = await startServer();
  await own.user();
  const client = await publicClient(own);
  const { body } = await redeem(own, client, await authorize(own, client.client));
  const published = async () => (await own.gatehouse.keys.published()).map((key) => key.kid);
  const before = await published();
  const maxAgeMs = own.gatehouse.settings.jwks_max_age_seconds * 1000;
  const es256 = async (state: string) =>
    (await listKeys(own.gatehouse)).find((key) => key.alg === 'ES256' && key.state === state);
  const old = await es256('current');
  await rotateKeys(own.gatehouse);
  expect(await published()).toHaveLength(before.length * 2);
  expect((await es256('current'))?.kid).toBe(old?.kid);
  own.clock.advance(maxAgeMs + 1000);
  expect((await es256('current'))?.kid).not.toBe(old?.kid);
  expect((await es256('retired'))?.kid).toBe(old?.kid);
  expect(body.access_token).toBeTypeOf('string');
  own.clock.advance(301_000 + 60_000);
  expect(await published()).not.toContain(old?.kid);
  await own.stop();
});

it('a key that leaked is revoked: gone from /jwks, its tokens refused at once, and the next one signs', async () => {
  const own = await startServer();
  await own.user();
  const client = await publicClient(own);
  const signIn = async () => (await redeem(own, client, await authorize(own, client.client))).body;
  const leaked = (await listKeys(own.gatehouse)).find((key) => key.alg === 'ES256');
  const before = await signIn();
  expect((await userinfo(own, before.access_token)).status).toBe(200);
  expect(await rotateKeys(own.gatehouse, { now: true, revoke: ['nonsense'] })).toMatchObject({
    reason: 'unknown_key',
  });
  expect((await userinfo(own, before.access_token)).status).toBe(200);
  await rotateKeys(own.gatehouse, { now: true, revoke: [leaked?.kid ?? ''] });
  expect((await userinfo(own, before.access_token)).status).toBe(401);
  expect(JSON.stringify(await read(`${own.issuer}/jwks`))).not.toContain(leaked?.kid);
  const after = await signIn();
  expect(decodeProtectedHeader(after.access_token).kid).not.toBe(leaked?.kid);
  expect((await userinfo(own, after.access_token)).status).toBe(200);
  expect((await refresh(own, client, before.refresh_token)).status).toBe(200);
  await own.stop();
});

it('rotations that follow each other quickly each have a key of their own, and one signs at a time', async () => {
  const own = await startServer({ environment: { GATEHOUSE_JWKS_MAX_AGE_SECONDS: '1' } });
  const signing = new Set<string>();
  for (let second = 0; second < 10; second += 1) {
    await rotateKeys(own.gatehouse);
    const current = (await listKeys(own.gatehouse)).filter(
      (key) => key.alg === 'ES256' && key.state === 'current',
    );
    expect(current).toHaveLength(1);
    signing.add(current[0]?.kid ?? '');
    own.clock.advance(1000);
  }
  expect(signing.size).toBeGreaterThanOrEqual(6);
  await own.stop();
});

it('O5 an ID token is a hint for as long as a session may live, though its key is published no more', async () => {
  const own = await startServer();
  await own.user();
  const client = await publicClient(own);
  const { body } = await redeem(own, client, await authorize(own, client.client));
  await rotateKeys(own.gatehouse, { now: true });
  own.clock.advance(2 * 86_400_000);
  await seeFormerKeys(own.gatehouse);
  const { kid } = decodeProtectedHeader(body.id_token);
  expect((await listKeys(own.gatehouse)).map((key) => key.kid)).not.toContain(kid);
  const rows = await own.gatehouse.db.all<{ private_sealed: string }>(
    'SELECT * FROM keys WHERE kid = $1',
    kid ?? '',
  );
  expect(rows).toMatchObject([{ private_sealed: '' }]);
  expect(await subjectOfIdToken(own.gatehouse, body.id_token)).toBe(decodeJwt(body.id_token).sub);
  own.clock.advance(400 * 86_400_000);
  await seeFormerKeys(own.gatehouse);
  expect(await subjectOfIdToken(own.gatehouse, body.id_token)).toBeUndefined();
  await own.stop();
});

it('private keys are stored sealed, and another master key does not open them', async () => {
  const row = await server.gatehouse.db.get<{ private_sealed: string }>('SELECT private_sealed FROM keys');
  expect(row?.private_sealed).not.toContain('"d"');
  expect(Buffer.from(row?.private_sealed ?? '', 'base64url').toString('latin1')).not.toContain('kty');
});
