/** A client that signs with its own key: what its assertion must say, to the second. RFC 7523 §3 */
import { generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { authenticationMethods } from '../../../../src/oauth/clients/authentication/index.ts';
import { startServer, type TestServer } from '../../../support/server.ts';
import { type Sent, trial } from './trial.ts';

const TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
let server: TestServer;

beforeAll(async () => {
  server = await startServer();
  server.clock.hold();
  const jwk = { ...own.publicKey.export({ format: 'jwk' }), kid: 'own' };
  const metadata = {
    grant_types: ['client_credentials'],
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: { keys: [jwk] },
  };
  await server.client({ ...metadata, client_id: 'signer' });
  await server.client({ ...metadata, client_id: 'other' });
  await server.client({
    client_id: 'with-secret',
    client_secret: 'a-secret-of-this-test-alone-of-43-characters',
    grant_types: ['client_credentials'],
    jwks: { keys: [jwk] },
  });
});
afterAll(() => server.stop());
// What was guessed before is over by then.
beforeEach(() => server.clock.advance(700_000));

const nowSeconds = () => server.clock.nowMs() / 1000;
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

function assertion(claims: object = {}, header: object = {}, key: KeyObject = own.privateKey): string {
  const all = {
    iss: 'signer',
    sub: 'signer',
    aud: server.issuer,
    jti: randomUUID(),
    exp: Math.floor(nowSeconds()) + 60,
    ...claims,
  };
  const signed = `${encode({ alg: 'ES256', kid: 'own', ...header })}.${encode(all)}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

/** `good`, or the reason of the refusal. */
async function show(
  client_assertion: string,
  more: Partial<Sent> & { fields?: Record<string, string> } = {},
) {
  const fields = { client_assertion, client_assertion_type: TYPE, ...more.fields };
  const { status, reason } = await trial(server, { ...more, fields });
  return status === 200 ? 'good' : reason;
}

describe('an assertion', () => {
  it('Q1 proves the client, with or without client_id beside it', async () => {
    expect(await show(assertion())).toBe('good');
    expect(await show(assertion(), { fields: { client_id: 'signer' } })).toBe('good');
    expect(await show(assertion(), { fields: { client_id: 'other' } })).toBe('client_id_mismatch');
  });

  it('A043 is good once, at whichever endpoint it is shown again', async () => {
    const once = assertion();
    expect(await show(once)).toBe('good');
    expect(await show(once)).toBe('assertion_replayed');
    expect(await show(once, { path: '/introspect', fields: { token: 'x' } })).toBe('assertion_replayed');
    const jti = randomUUID();
    expect(await show(assertion({ jti }))).toBe('good');
    expect(await show(assertion({ jti, iss: 'other', sub: 'other' }))).toBe('good');
  });

  it.each([
    [-30, 'assertion_expired'],
    [-29, 'good'],
    [0, 'good'],
    [3600, 'good'],
    [3630, 'good'],
    [3631, 'assertion_too_long'],
  ])('A044 that ends in %i seconds is: %s', async (seconds, told) => {
    expect(await show(assertion({ exp: nowSeconds() + seconds }))).toBe(told);
  });

  it.each(['iat', 'nbf'])('A044 whose %s is more than 30 seconds to come is not yet valid', async (claim) => {
    expect(await show(assertion({ [claim]: nowSeconds() + 30 }))).toBe('good');
    expect(await show(assertion({ [claim]: nowSeconds() + 31 }))).toBe('assertion_not_yet_valid');
    expect(await show(assertion({ [claim]: nowSeconds() - 86_400 }))).toBe('good');
  });

  it('A044 A043 without an end or an id is refused', async () => {
    expect(await show(assertion({ exp: undefined }))).toBe('assertion_expired');
    expect(await show(assertion({ jti: undefined }))).toBe('assertion_without_jti');
    expect(await show(assertion({ jti: '' }))).toBe('assertion_without_jti');
  });

  it('A042 is for this issuer, the token endpoint or the called endpoint, and for nothing else', async () => {
    const { issuer } = server;
    for (const aud of [issuer, `${issuer}/token`, [issuer]])
      expect(await show(assertion({ aud }))).toBe('good');
    const path = '/introspect';
    const fields = { token: 'x' };
    expect(await show(assertion({ aud: `${issuer}/introspect` }), { path, fields })).toBe('good');
    for (const aud of [
      undefined,
      `${issuer}/`,
      `${issuer}/introspect`,
      `${issuer}/token/`,
      [issuer, 'https://other.example'],
      [],
      '',
    ])
      expect(await show(assertion({ aud })), JSON.stringify(aud)).toBe('wrong_assertion_audience');
  });

  it('A045 is made by the client about itself', async () => {
    expect(await show(assertion({ iss: 'other' }))).toBe('wrong_assertion_subject');
    expect(await show(assertion({ sub: undefined }), { fields: { client_id: 'signer' } })).toBe(
      'wrong_assertion_subject',
    );
    expect(await show(assertion({ sub: 'nobody', iss: 'nobody' }))).toBe('unknown_client');
    expect(await show(assertion({ sub: 'with-secret', iss: 'with-secret' }))).toBe('wrong_method');
  });

  it('A046 A047 is signed by the key and the algorithm of the client', async () => {
    const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    expect(await show(assertion({}, {}, stranger.privateKey))).toBe('wrong_assertion_signature');
    expect(await show(assertion({}, { kid: 'nobody' }))).toBe('wrong_assertion_signature');
    expect(await show(assertion({}, { alg: 'RS256' }))).toBe('wrong_assertion_signature');
    for (const alg of ['none', 'HS384', 'ES384', 'es256'])
      expect(await show(assertion({}, { alg })), alg).toBe('wrong_assertion_alg');
    // One that another method may have is that method's.
    const isOfAnother = authenticationMethods.some(({ algorithms }) => algorithms?.includes('HS256'));
    const told = isOfAnother ? 'wrong_method' : 'wrong_assertion_alg';
    expect(await show(assertion({}, { alg: 'HS256' }))).toBe(told);
  });

  it('has the type of a client assertion, or none', async () => {
    for (const typ of ['JWT', 'jwt', 'application/jwt', 'client-authentication+jwt', undefined])
      expect(await show(assertion({}, { typ })), typ).toBe('good');
    for (const typ of ['at+jwt', 'dpop+jwt', 'logout+jwt', '', 'x/jwt'])
      expect(await show(assertion({}, { typ })), typ).toBe('wrong_assertion_header_type');
  });

  it('A027 is recognised by client_assertion_type, and ignored without it', async () => {
    for (const client_assertion_type of [
      '',
      'urn:ietf:params:oauth:client-assertion-type:saml2-bearer',
      `${TYPE} `,
    ])
      expect(await show(assertion(), { fields: { client_assertion_type } })).toBe('wrong_assertion_type');
    expect(await show('a.b.c', { fields: { client_id: 'signer' } })).toBe('malformed_assertion');
    expect(await show('', { fields: { client_id: 'signer' } })).toBe('malformed_assertion');
  });
});
