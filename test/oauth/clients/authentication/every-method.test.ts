/** What holds for every client authentication method of the table; each says here how a client proves itself by it. */
import { createHash, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Attempt, authenticate } from '../../../../src/oauth/clients/authentication/authenticate.ts';
import { authenticationMethods } from '../../../../src/oauth/clients/authentication/index.ts';
import type { Client } from '../../../../src/oauth/clients/client.ts';
import type { ClientJwtAlgorithm } from '../../../../src/oauth/clients/verify-client-jwt.ts';
import { readParameters } from '../../../../src/oauth/parameters.ts';
import { backChannelRequest } from '../../../support/back-channel.ts';
import { startServer, type TestServer } from '../../../support/server.ts';
import { runVerb } from '../../../support/verb.ts';
import { knownToAnybody, macsOfAnybody } from './known-to-anybody.ts';
import { basicOf, type Sent, type Told, trial } from './trial.ts';

/** A client, and what it has to prove itself with. */
interface Holder {
  readonly client_id: string;
  /** As it was issued; of a client that has none, a secret that is nobody's. */
  readonly secret: string;
  /** Of the one key that it registered, for ES256. */
  readonly key: KeyObject;
}

/** Of a method that shows what the client has: a request that proves it. */
type Showing = (holder: Holder) => Sent;

/** Of a method whose row has `algorithms`: how an assertion is signed by one of them. */
interface Signing {
  readonly alg: ClientJwtAlgorithm;
  signature(holder: Holder, text: string): Buffer;
}

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

const TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const nowSeconds = () => Math.floor(server.clock.nowMs() / 1000);

/** A request with an assertion of RFC 7523 §3, whose claims are right but for `changes`. */
function asserting(
  { alg, signature }: Pick<Signing, 'signature'> & { readonly alg: string },
  holder: Holder,
  changes: object = {},
  client_assertion_type = TYPE,
): Sent {
  const { client_id } = holder;
  const exp = nowSeconds() + 60;
  const claims = { iss: client_id, sub: client_id, aud: server.issuer, jti: randomUUID(), exp, ...changes };
  const text = `${encode({ alg })}.${encode(claims)}`;
  const client_assertion = `${text}.${signature(holder, text).toString('base64url')}`;
  return { fields: { client_assertion, client_assertion_type } };
}

/** One for each row of the table. */
const fixtures: Readonly<Record<string, Showing | Signing>> = {
  client_secret_basic: ({ client_id, secret }) => ({
    fields: {},
    headers: basicOf(`${client_id}:${secret}`),
  }),
  client_secret_post: ({ client_id, secret }) => ({ fields: { client_id, client_secret: secret } }),
  private_key_jwt: {
    alg: 'ES256',
    signature: ({ key }, text) => sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }),
  },
  none: ({ client_id }) => ({ fields: { client_id } }),
};

/** Whose clients a method may serve too. It is said here as well, with the reason, so that no row decides it alone. */
const standsInFor: Readonly<Record<string, readonly string[]>> = {
  // RFC 6749 §2.3.1: the same secret is sent in both, and libraries send it in the one that they have.
  client_secret_basic: ['client_secret_post'],
  client_secret_post: ['client_secret_basic'],
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

/** The request, as an endpoint gives it to client authentication. */
function attemptOf({ fields, headers = {} }: Sent): Attempt {
  const pairs = Array.isArray(fields) ? fields : Object.entries(fields);
  return { parameters: readParameters(pairs), request: backChannelRequest({ headers, pairs }) };
}

const found = async (client_id: string): Promise<Client> => {
  const client = await server.gatehouse.clients.find(client_id);
  if (!client) throw new Error(`there is no client ${client_id}`);
  return client;
};

/** The client once what it proved itself with is over; one that has nothing is asked for something. */
const replaced: Readonly<Record<(typeof authenticationMethods)[number]['credential'], typeof found>> = {
  async secret(client_id) {
    await runVerb(server, 'client', 'rotate-secret', { client_id, keep_old_seconds: 0 });
    return found(client_id);
  },
  async keys(client_id) {
    await runVerb(server, 'client', 'update', { client_id, metadata: { jwks: jwksOf(newKey()) } });
    return found(client_id);
  },
  // No client becomes confidential; the method does not rely on that.
  none: async (client_id) => ({ ...(await found(client_id)), confidential: true, metadataHash: 'other' }),
};

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

it.each(authenticationMethods)(
  '$name serves the clients of no other method than this test says',
  ({ name, insteadOf = [] }) => {
    expect(insteadOf).toEqual(standsInFor[name] ?? []);
  },
);

it('a method signs with its own algorithms, which no other method has, and any other signs nothing', () => {
  for (const { name, algorithms } of authenticationMethods) {
    const fixture = fixtures[name];
    const alg = typeof fixture === 'object' ? fixture.alg : undefined;
    expect(
      algorithms?.filter((one) => one === alg),
      name,
    ).toEqual(alg && [alg]);
  }
  const all = authenticationMethods.flatMap(({ algorithms = [] }) => algorithms);
  expect(new Set(all).size).toBe(all.length);
});

const rows = authenticationMethods.flatMap((method) => {
  const fixture = fixtures[method.name];
  if (!fixture) return [];
  const signing = typeof fixture === 'object' ? fixture : undefined;
  const prove = (holder: Holder) =>
    typeof fixture === 'object' ? asserting(fixture, holder) : fixture(holder);
  // What is signed is good once: its row says so, since assertionMethod made it (test/architecture/imports.test.ts).
  return [{ ...method, signing, isOneTime: method.algorithms !== undefined, prove }];
});
const signingRows = rows.flatMap(({ name, algorithms = [], signing }) =>
  signing ? [{ name, algorithms: algorithms as readonly string[], signing }] : [],
);

describe.each(rows)('a client of $name', ({ name, credential, isOneTime, prove }) => {
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

  it('is the only one that may use it, beside those that this test names', async () => {
    const others = authenticationMethods.map((method) => method.name).filter((other) => other !== name);
    for (const other of others) {
      server.clock.advance(700_000);
      const sent = prove(await newHolder(other));
      expect(await isGood(sent), `${other} by ${name}`).toBe(standsInFor[name]?.includes(other) ?? false);
    }
  });

  if (credential !== 'none')
    it('is not proven by its client_id alone', async () => {
      const { client_id } = await newHolder(name);
      expect((await told({ fields: { client_id } })).error).toBe('invalid_client');
    });

  if (credential !== 'none')
    it('is not proven by what another client has', async () => {
      const [holder, other] = [await newHolder(name), await newHolder(name)];
      const { client_id } = holder;
      expect((await told(prove({ ...other, client_id }))).error).toBe('invalid_client');
      expect(await isGood(prove(other))).toBe(true);
    });

  if (credential === 'secret')
    it('is not proven by what anybody knows of it in the place of its secret', async () => {
      const holder = await newHolder(name);
      for (const secret of knownToAnybody(await found(holder.client_id), server.issuer)) {
        server.clock.advance(700_000);
        const { error } = await told(prove({ ...holder, secret }));
        expect(error, JSON.stringify(secret)).toBe('invalid_client');
      }
      expect(await isGood(prove(holder))).toBe(true);
    });

  if (credential === 'secret')
    it('is not proven by a secret that was rotated, from its end on', async () => {
      const holder = await newHolder(name);
      const asked = { client_id: holder.client_id, keep_old_seconds: 60 };
      const { client_secret: secret } = await runVerb(server, 'client', 'rotate-secret', asked);
      server.clock.advance(59_999);
      expect(await isGood(prove(holder))).toBe(true);
      server.clock.advance(1);
      expect((await told(prove(holder))).error).toBe('invalid_client');
      expect(await isGood(prove({ ...holder, secret }))).toBe(true);
    });

  if (credential === 'keys')
    it('is not proven by a key that was replaced', async () => {
      const [holder, pair] = [await newHolder(name), newKey()];
      const metadata = { jwks: jwksOf(pair) };
      await runVerb(server, 'client', 'update', { client_id: holder.client_id, metadata });
      expect((await told(prove(holder))).error).toBe('invalid_client');
      expect(await isGood(prove({ ...holder, key: pair.privateKey }))).toBe(true);
    });

  it('is not proven where its credential was replaced after it was verified, and before it was spent', async () => {
    const holder = await newHolder(name);
    const { client_id } = holder;
    const authenticated = await authenticate(server.gatehouse, attemptOf(prove(holder)));
    const outcome = (now: Client) =>
      authenticated.renewed(now).then(
        () => 'proven',
        ({ reason }) => reason,
      );
    expect(await outcome(await found(client_id))).toBe('proven');
    await runVerb(server, 'client', 'update', { client_id, metadata: { client_name: 'Another name' } });
    expect(await outcome(await found(client_id))).toBe('proven');
    expect(await outcome(await replaced[credential](client_id))).toBe('client_changed');
  });
});

describe.each(signingRows)('an assertion of $name is refused', ({ name, algorithms, signing }) => {
  it('A046 where its MAC is made with what anybody knows of the client', async () => {
    const holder = await newHolder(name);
    for (const mac of macsOfAnybody(await found(holder.client_id), server.issuer)) {
      server.clock.advance(700_000);
      const { error, reason } = await told(
        asserting({ ...mac, signature: (_holder, text) => mac.signature(text) }, holder),
      );
      const what = `${mac.alg} with the key ${JSON.stringify(mac.key)}`;
      expect(error, what).toBe('invalid_client');
      // So it was compared, and not refused for another reason.
      if (algorithms.includes(mac.alg)) expect(reason, what).toBe('wrong_assertion_signature');
    }
    expect(await isGood(asserting(signing, holder))).toBe(true);
  });

  it.each<[string, () => object, string]>([
    ['without an end', () => ({ exp: undefined }), 'assertion_expired'],
    ['that has ended', () => ({ exp: nowSeconds() - 30 }), 'assertion_expired'],
    ['whose end is too far ahead', () => ({ exp: nowSeconds() + 3631 }), 'assertion_too_long'],
    ['without an id', () => ({ jti: undefined }), 'assertion_without_jti'],
    ['with an empty id', () => ({ jti: '' }), 'assertion_without_jti'],
    ['for nobody', () => ({ aud: undefined }), 'wrong_assertion_audience'],
    ['for another server', () => ({ aud: 'https://other.example' }), 'wrong_assertion_audience'],
    [
      'for another server too',
      () => ({ aud: [server.issuer, 'https://other.example'] }),
      'wrong_assertion_audience',
    ],
    ['by nobody', () => ({ iss: undefined }), 'wrong_assertion_subject'],
    ['by another client', () => ({ iss: 'other' }), 'wrong_assertion_subject'],
  ])('%s', async (_what, changes, reason) => {
    const sent = asserting(signing, await newHolder(name), changes());
    expect(await told(sent)).toEqual({ status: 401, error: 'invalid_client', reason });
  });

  it.each(['', 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer', `${TYPE} `])(
    'with the type "%s"',
    async (type) => {
      const { reason } = await told(asserting(signing, await newHolder(name), {}, type));
      expect(reason).toBe('wrong_assertion_type');
    },
  );
});
