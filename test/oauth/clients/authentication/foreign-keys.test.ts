/** Whose key an assertion is verified with, and by which algorithm, whatever its header says. RFC 7515 §4.1, RFC 8725 §3.1 */
import { constants, createHmac, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, post } from '../../../support/flow.ts';
import { startServer, type TestServer } from '../../../support/server.ts';

type Members = Record<string, unknown>;

const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ownRsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const jwkOf = ({ publicKey }: { publicKey: KeyObject }, kid: string): Members => ({
  ...publicKey.export({ format: 'jwk' }),
  kid,
});
const CERTIFICATE = 'MIIBdummy';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const signerWith = async (keys: Members[], more: Members = {}) => {
  const metadata = {
    grant_types: ['client_credentials'],
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: { keys },
  };
  return (await server.client({ ...metadata, ...more })).client.client_id;
};

type Sign = (text: string) => Buffer;
const es256 =
  ({ privateKey }: { privateKey: KeyObject }): Sign =>
  (text) =>
    sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' });
const rs256: Sign = (text) => sign('sha256', Buffer.from(text), ownRsa.privateKey);
const ps256: Sign = (text) =>
  sign('sha256', Buffer.from(text), {
    key: ownRsa.privateKey,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: 32,
  });
const hs256 =
  (secret: string): Sign =>
  (text) =>
    createHmac('sha256', secret).update(text).digest();

const encode = (value: Members) => Buffer.from(JSON.stringify(value)).toString('base64url');

function assertionOf(client_id: string, header: Members, by: Sign, claims: Members = {}): string {
  const exp = Math.floor(server.clock.nowMs() / 1000) + 60;
  const all = { iss: client_id, sub: client_id, aud: server.issuer, jti: randomUUID(), exp, ...claims };
  const signed = `${encode(header)}.${encode(all)}`;
  return `${signed}.${by(signed).toString('base64url')}`;
}

/** Made when it is shown: what was guessed before is over by then. */
function show(make: () => string, path = '/token', more: Record<string, string> = {}): Promise<Answer> {
  server.clock.advance(700_000);
  return post(server, path, {
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: make(),
    token: 'x',
    ...more,
  });
}

async function expectRefused(make: () => string, what: unknown, path?: string): Promise<Answer> {
  const answer = await show(make, path);
  expect([answer.status, answer.body.error], JSON.stringify(what)).toEqual([401, 'invalid_client']);
  return answer;
}

async function expectTaken(make: () => string): Promise<void> {
  expect((await show(make)).status).toBe(200);
}

describe('the key', () => {
  it('A047 is not one that the header brings along', async () => {
    const client_id = await signerWith([jwkOf(own, 'one')]);
    const jwk = jwkOf(stranger, 'one');
    const pointers: Members[] = [
      { jwk },
      { kid: 'one', jwk },
      { x5c: [CERTIFICATE] },
      { jku: `${server.issuer}/jwks` },
      { x5u: `${server.issuer}/jwks`, 'x5t#S256': 'AAAA' },
    ];
    for (const more of pointers) {
      await expectRefused(() => assertionOf(client_id, { alg: 'ES256', ...more }, es256(stranger)), more);
    }
    await expectTaken(() => assertionOf(client_id, { alg: 'ES256', kid: 'one' }, es256(own)));
  });

  it('A047 signs nothing whose header has crit, and no other serialisation', async () => {
    const client_id = await signerWith([jwkOf(own, 'one')]);
    for (const more of [
      { crit: ['exp'], exp: 1 },
      { crit: ['unknown'], unknown: 1 },
      { crit: [] },
      { crit: ['b64'], b64: false },
    ]) {
      await expectRefused(
        () => assertionOf(client_id, { alg: 'ES256', kid: 'one', ...more }, es256(own)),
        more,
      );
    }
    const parts = () => assertionOf(client_id, { alg: 'ES256', kid: 'one' }, es256(own)).split('.');
    const flattened = () => {
      const [header, payload, signature] = parts();
      return JSON.stringify({ protected: header, payload, signature });
    };
    await expectRefused(flattened, 'flattened');
    const general = () => {
      const [header, payload, signature] = parts();
      return JSON.stringify({ payload, signatures: [{ protected: header, signature }] });
    };
    await expectRefused(general, 'general');
  });

  it('A048 is looked for by a kid that is only compared, and the answer is the same for each', async () => {
    const client_id = await signerWith([jwkOf(own, 'one')]);
    const kids = [
      '../../x',
      "' OR 1=1 --",
      '__proto__',
      'constructor',
      'k'.repeat(10_000),
      'ONE',
      'one ',
      '',
    ];
    const answers = [];
    for (const kid of kids) {
      const make = () => assertionOf(client_id, { alg: 'ES256', kid }, es256(own));
      answers.push((await expectRefused(make, kid)).body);
    }
    expect(new Set(answers.map((body) => JSON.stringify(body))).size).toBe(1);
  });

  it('A048 of several with one kid is the one that signed', async () => {
    const second = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const client_id = await signerWith([jwkOf(own, 'same'), jwkOf(second, 'same')]);
    for (const pair of [own, second]) {
      await expectTaken(() => assertionOf(client_id, { alg: 'ES256', kid: 'same' }, es256(pair)));
    }
    await expectRefused(
      () => assertionOf(client_id, { alg: 'ES256', kid: 'same' }, es256(stranger)),
      'stranger',
    );
  });
});

describe('the algorithm', () => {
  it('A046 is one of those that are offered, and none takes a public key for a secret', async () => {
    const jwk = jwkOf(own, 'one');
    const client_id = await signerWith([jwk]);
    const pem = own.publicKey.export({ format: 'pem', type: 'spki' }).toString();
    const nothing: Sign = () => Buffer.alloc(0);
    for (const alg of ['none', 'None', 'NONE', '', undefined, 'ES256K', 'es256', 'XX'])
      for (const by of [nothing, es256(own)])
        await expectRefused(() => assertionOf(client_id, { alg, kid: 'one' }, by), alg);
    for (const secret of [pem, pem.trim(), JSON.stringify(jwk), String(jwk.x), '']) {
      await expectRefused(() => assertionOf(client_id, { alg: 'HS256', kid: 'one' }, hs256(secret)), secret);
    }
  });

  it('A046 is the one that the client registered', async () => {
    const client_id = await signerWith([jwkOf(ownRsa, 'one')], { token_endpoint_auth_signing_alg: 'PS256' });
    await expectRefused(() => assertionOf(client_id, { alg: 'RS256', kid: 'one' }, rs256), 'RS256');
    await expectRefused(() => assertionOf(client_id, { alg: 'PS256', kid: 'one' }, rs256), 'RS256 as PS256');
    await expectTaken(() => assertionOf(client_id, { alg: 'PS256', kid: 'one' }, ps256));
  });
});

describe('its claims', () => {
  it('A045 is about the client itself: no sub, another one, and one that begins like it are refused', async () => {
    const client_id = await signerWith([jwkOf(own, 'one')]);
    const others = [`${client_id}x`, client_id.slice(0, -1), client_id.toUpperCase(), ` ${client_id}`, ''];
    const wrong: Members[] = [
      { sub: undefined },
      { iss: undefined },
      ...others.flatMap((other) => [{ sub: other }, { iss: other }, { sub: other, iss: other }]),
    ];
    for (const claims of wrong) {
      const make = () => assertionOf(client_id, { alg: 'ES256', kid: 'one' }, es256(own), claims);
      await expectRefused(make, claims);
      expect((await show(make, '/token', { client_id })).status, JSON.stringify(claims)).toBe(401);
    }
  });

  it('A042 is for this issuer, byte for byte, at every endpoint', async () => {
    const client_id = await signerWith([jwkOf(own, 'one')]);
    const { issuer } = server;
    const wrong = [
      `${issuer}/`,
      `${issuer}/userinfo`,
      `${issuer}/authorize`,
      issuer.slice(0, -1),
      issuer.toUpperCase(),
      'https://evil.test',
      'https://evil.test/token',
      [issuer, 'https://evil.test'],
      ['https://evil.test', `${issuer}/token`],
      [],
      undefined,
    ];
    for (const aud of wrong) {
      for (const path of ['/token', '/revoke', '/introspect']) {
        const make = () => assertionOf(client_id, { alg: 'ES256', kid: 'one' }, es256(own), { aud });
        await expectRefused(make, [path, aud], path);
      }
    }
  });
});
