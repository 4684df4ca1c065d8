import { randomUUID } from 'node:crypto';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, answerOf, basic, post, type Registered } from '../../../support/flow.ts';
import { startPostgres, type TestPostgres } from '../../../support/postgres.ts';
import { many, toldOf } from '../../../support/refusals.ts';
import { startServer, type TestServer } from '../../../support/server.ts';

const credentials = { grant_type: 'client_credentials' };
/** What an address may guess in ten minutes, and what one client may be guessed at from there. */
const OF_ADDRESS = 100;
const OF_CLIENT = 20;

describe.each(['sqlite', 'postgres'])('client credentials that are guessed at, on %s', (engine) => {
  let postgres: TestPostgres | undefined;
  let environment: Record<string, string>;
  let server: TestServer;
  let service: Registered;
  let keyed: Registered;
  let privateKey: CryptoKey;

  beforeAll(async () => {
    postgres = engine === 'postgres' ? await startPostgres() : undefined;
    environment = {
      ...(postgres && { GATEHOUSE_DATABASE: postgres.url }),
      GATEHOUSE_TRUSTED_PROXIES: '127.0.0.1',
      GATEHOUSE_MASTER_KEY: 'k'.repeat(44),
    };
    server = await startServer({ environment });
    server.clock.hold();
    const pair = await generateKeyPair('ES256');
    privateKey = pair.privateKey;
    service = await server.client({ grant_types: ['client_credentials'] });
    keyed = await server.client({
      grant_types: ['client_credentials'],
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'one' }] },
    });
  });
  afterAll(async () => {
    await server.stop();
    await postgres?.stop();
  });
  // The counts of ten minutes are over.
  beforeEach(() => server.clock.advance(1_000_000));

  async function guess(
    client_id: string,
    client_secret: string,
    address = '192.0.2.1',
    node = server,
  ): Promise<Answer> {
    const headers = { authorization: basic(client_id, client_secret), 'x-forwarded-for': address };
    const body = new URLSearchParams(credentials);
    return answerOf(await fetch(`${node.issuer}/token`, { method: 'POST', headers, body }));
  }

  async function assertion(): Promise<Record<string, string>> {
    const { client_id } = keyed.client;
    const nowSeconds = Math.floor(server.clock.nowMs() / 1000);
    const claims = { iss: client_id, sub: client_id, aud: server.issuer, jti: randomUUID() };
    const client_assertion = await new SignJWT({ ...claims, exp: nowSeconds + 60, iat: nowSeconds })
      .setProtectedHeader({ alg: 'ES256', kid: 'one' })
      .sign(privateKey);
    const client_assertion_type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
    return { ...credentials, client_assertion_type, client_assertion };
  }

  const throttleRows = async () =>
    (await server.gatehouse.db.all('SELECT throttle_key FROM throttles')).length;
  const statusesOf = (answers: readonly Answer[]) => ({
    wrong: answers.filter(({ status }) => status === 401).length,
    paused: answers.filter(({ status }) => status === 429).length,
  });

  it('Q11 A050 a thousand client_ids from one address: a hundred are looked up, and little is stored', async () => {
    const before = await throttleRows();
    const answers = await many(1000, (index) => guess(`nobody-${index}`, 'guess'));
    expect(statusesOf(answers)).toEqual({ wrong: OF_ADDRESS, paused: 900 });
    expect(Number(answers.at(-1)?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await throttleRows()) - before).toBeLessThanOrEqual(65);
    const told = await toldOf(
      server,
      ({ type, address }) => type === 'client.authentication_failed' && address === '192.0.2.1',
    );
    expect(told.times).toBe(1000);
    expect(told.rows).toBeLessThanOrEqual(OF_ADDRESS + 11);
  });

  it('T14 A050 an unknown client_id is counted as a registered one', async () => {
    const address = { known: '192.0.2.10', unknown: '192.0.2.11' };
    const known = await many(30, () => guess(service.client.client_id, 'guess', address.known), 1);
    const unknown = await many(30, () => guess('nobody', 'guess', address.unknown), 1);
    const seen = ({ status, body, headers }: Answer) => [status, body, headers.has('retry-after')];
    expect(unknown.map(seen)).toEqual(known.map(seen));
    expect(statusesOf(known)).toEqual({ wrong: OF_CLIENT, paused: 10 });
  });

  it('Q11 of 200 parallel guesses at one client, twenty are answered as wrong', async () => {
    const answers = await many(200, (index) => guess(service.client.client_id, `guess-${index}`), 100);
    expect(statusesOf(answers)).toEqual({ wrong: OF_CLIENT, paused: 180 });
  });

  it('Q11 a right secret and a right assertion get through 500 wrong ones of the same client and address', async () => {
    const { client_id } = service.client;
    const right: Promise<Answer>[] = [];
    const wrong = many(
      500,
      async (index) => {
        const answer = guess(index % 2 === 0 ? client_id : keyed.client.client_id, `guess-${index}`);
        if (index % 10 === 0) {
          right.push(guess(client_id, service.client_secret ?? ''));
          right.push(assertion().then((form) => post(server, '/token', form)));
        }
        return answer;
      },
      50,
    );
    expect(statusesOf(await wrong).paused).toBeGreaterThan(380);
    const statuses = (await Promise.all(right)).map(({ status }) => status);
    expect(statuses).toEqual(Array(100).fill(200));
  });

  it('Q11 another address is not held to what this one did', async () => {
    await many(150, (index) => guess(`nobody-${index}`, 'guess', '2001:db8::1'));
    expect((await guess('nobody', 'guess', '2001:db8::2')).status).toBe(429);
    expect((await guess('nobody', 'guess', '2001:db8:0:1::1')).status).toBe(401);
  });

  if (engine === 'postgres') {
    it('Q11 two nodes count together', async () => {
      const other = await startServer({ environment });
      other.clock.hold();
      other.clock.advance(server.clock.nowMs() - other.clock.nowMs());
      const { client_id } = service.client;
      const answers = await many(30, (index) =>
        guess(client_id, 'guess', '192.0.2.1', index % 2 === 0 ? server : other),
      );
      expect(statusesOf(answers)).toEqual({ wrong: OF_CLIENT, paused: 10 });
      expect((await guess(client_id, service.client_secret ?? '', '192.0.2.1', other)).status).toBe(200);
      await other.stop();
    });
  }
});
