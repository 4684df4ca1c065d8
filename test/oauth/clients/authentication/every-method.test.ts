/** What holds for every client authentication method of the table; each says here how a client proves itself by it. */
import { createHash, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { authenticationMethods } from '../../../../src/oauth/clients/authentication/index.ts';
import { startServer, type TestServer } from '../../../support/server.ts';
import { runVerb } from '../../../support/verb.ts';
import { basicOf, type Sent, type Told, trial } from './trial.ts';

/** A client, and what it has to prove itself with. */
interface Holder {
  readonly client_id: string;
  /** As it was issued; of a client that has none, a secret that is nobody's. */
  readonly secret: string;
  /** Of the one key that it registered, for ES256. */
  readonly key: KeyObject;
}

interface Fixture {
  /** Whether what proves the client is good once. */
  readonly isOneTime: boolean;
  /** A request that proves the client, made anew. */
  prove(holder: Holder): Sent;
}

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A request with an assertion of RFC 7523 §3; `signatureOf` gives the signature over its text. */
function asserting({ client_id }: Holder, alg: string, signatureOf: (text: string) => Buffer): Sent {
  const exp = Math.floor(server.clock.nowMs() / 1000) + 60;
  const claims = { iss: client_id, sub: client_id, aud: server.issuer, jti: randomUUID(), exp };
  const text = `${encode({ alg })}.${encode(claims)}`;
  const client_assertion = `${text}.${signatureOf(text).toString('base64url')}`;
  const client_assertion_type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
  return { fields: { client_assertion, client_assertion_type } };
}

/** One for each row of the table. */
const fixtures: Readonly<Record<string, Fixture>> = {
  client_secret_basic: {
    isOneTime: false,
    prove: ({ client_id, secret }) => ({ fields: {}, headers: basicOf(`${client_id}:${secret}`) }),
  },
  client_secret_post: {
    isOneTime: false,
    prove: ({ client_id, secret }) => ({ fields: { client_id, client_secret: secret } }),
  },
  private_key_jwt: {
    isOneTime: true,
    prove: (holder) =>
      asserting(holder, 'ES256', (text) =>
        sign('sha256', Buffer.from(text), { key: holder.key, dsaEncoding: 'ieee-p1363' }),
      ),
  },
  none: { isOneTime: false, prove: ({ client_id }) => ({ fields: { client_id } }) },
};

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
  server.clock.hold();
});
afterAll(() => server.stop());
// What was guessed before is over by then.
beforeEach(() => server.clock.advance(700_000));

const newKey = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const jwksOf = ({ publicKey }: { publicKey: KeyObject }) => ({ keys: [publicKey.export({ format: 'jwk' })] });

async function newHolder(token_endpoint_auth_method: string): Promise<Holder> {
  const pair = newKey();
  const { client, client_secret } = await server.client({
    redirect_uris: ['https://app.example/cb'],
    token_endpoint_auth_method,
    jwks: jwksOf(pair),
  });
  const { client_id } = client;
  const secret = client_secret ?? createHash('sha256').update(client_id).digest('base64url');
  return { client_id, secret, key: pair.privateKey };
}

/** Where a public client may come too. RFC 7009 §2.1 */
const told = ({ fields, ...sent }: Sent): Promise<Told> =>
  trial(server, { ...sent, path: '/revoke', fields: { ...fields, token: 'x' } });
const isGood = async (sent: Sent) => (await told(sent)).status === 200;

it.each(authenticationMethods.map(({ name }) => name))(
  '%s has a line in the fixtures of this test',
  (name) => {
    expect(Object.keys(fixtures)).toContain(name);
  },
);

it('an assertion is good once, and whose algorithms no other method has', () => {
  const signing = authenticationMethods.filter(({ algorithms }) => algorithms !== undefined);
  for (const { name } of signing) expect(fixtures[name]?.isOneTime, name).toBe(true);
  const all = signing.flatMap(({ algorithms = [] }) => algorithms);
  expect(new Set(all).size).toBe(all.length);
});

const rows = authenticationMethods.flatMap((method) => {
  const fixture = fixtures[method.name];
  return fixture ? [{ ...method, ...fixture }] : [];
});

describe.each(rows)('a client of $name', ({ name, credential, insteadOf = [], isOneTime, prove }) => {
  it('is proven by it, again by another request, and by the same only where that is good again', async () => {
    const holder = await newHolder(name);
    const sent = prove(holder);
    expect(await isGood(sent)).toBe(true);
    expect(await isGood(sent)).toBe(!isOneTime);
    expect(await isGood(prove(holder))).toBe(true);
  });

  it('is not proven where it is disabled', async () => {
    const holder = await newHolder(name);
    await runVerb(server, 'client', 'disable', { client_id: holder.client_id });
    expect((await told(prove(holder))).error).toBe('invalid_client');
  });

  it('is the only one that may use it, beside those that it says', async () => {
    const others = authenticationMethods.map((method) => method.name).filter((other) => other !== name);
    for (const other of others) {
      server.clock.advance(700_000);
      const sent = prove(await newHolder(other));
      expect(await isGood(sent), `${other} by ${name}`).toBe(insteadOf.includes(other));
    }
  });

  it.runIf(credential !== 'none')('is not proven by its client_id alone', async () => {
    const { client_id } = await newHolder(name);
    expect((await told({ fields: { client_id } })).error).toBe('invalid_client');
  });

  it.runIf(credential !== 'none')('is not proven by what another client has', async () => {
    const [holder, other] = [await newHolder(name), await newHolder(name)];
    const { client_id } = holder;
    expect((await told(prove({ ...other, client_id }))).error).toBe('invalid_client');
    expect(await isGood(prove(other))).toBe(true);
  });

  it.runIf(credential === 'secret')(
    'is not proven by a secret that was rotated, from its end on',
    async () => {
      const holder = await newHolder(name);
      const asked = { client_id: holder.client_id, keep_old_seconds: 60 };
      const { client_secret: secret } = await runVerb(server, 'client', 'rotate-secret', asked);
      server.clock.advance(59_999);
      expect(await isGood(prove(holder))).toBe(true);
      server.clock.advance(1);
      expect((await told(prove(holder))).error).toBe('invalid_client');
      expect(await isGood(prove({ ...holder, secret }))).toBe(true);
    },
  );

  it.runIf(credential === 'keys')('is not proven by a key that was replaced', async () => {
    const [holder, pair] = [await newHolder(name), newKey()];
    const metadata = { jwks: jwksOf(pair) };
    await runVerb(server, 'client', 'update', { client_id: holder.client_id, metadata });
    expect((await told(prove(holder))).error).toBe('invalid_client');
    expect(await isGood(prove({ ...holder, key: pair.privateKey }))).toBe(true);
  });
});
