/** A method whose client signs: when it is used, what is asked before its keys, and how long what it proved holds. */
import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { assertionMethod } from '../../../../src/oauth/clients/authentication/assertion-method.ts';
import type { ClientAuthenticationContext } from '../../../../src/oauth/clients/authentication/context.ts';
import type { Credentials } from '../../../../src/oauth/clients/authentication/method.ts';
import type { Client } from '../../../../src/oauth/clients/client.ts';
import { createClientSecrets } from '../../../../src/oauth/clients/live-secret-hashes.ts';
import { clientOf } from '../client-value.ts';

const TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
let asked = 0;
const toy = assertionMethod({
  name: 'client_secret_toy',
  credential: 'secret',
  algorithms: ['HS256'],
  keysOf: ({ secrets }, nowMs) => {
    asked += 1;
    return { secrets: secrets.live(nowMs) };
  },
});
const context = { clock: { nowMs: () => 1000 } } as ClientAuthenticationContext;

function credentialsOf(fields: Record<string, string>, claims?: object): Credentials {
  const parameters = new Map(Object.entries(fields));
  const assertion = claims && { header: { alg: 'HS256' }, claims, signed: '', signature: Buffer.from('') };
  return { parameters, request: { endpoint: '/token' }, assertion } as unknown as Credentials;
}

it('is used where client_assertion or its type is sent, for the client that is its subject', () => {
  expect(toy.claimedBy(credentialsOf({ client_id: 'app' }))).toBeUndefined();
  expect(toy.claimedBy(credentialsOf({ client_assertion: 'x' }))).toBe('');
  expect(toy.claimedBy(credentialsOf({ client_assertion: 'x', client_id: 'app' }))).toBe('app');
  expect(toy.claimedBy(credentialsOf({ client_assertion_type: TYPE, client_id: 'app' }))).toBe('app');
  expect(toy.claimedBy(credentialsOf({ client_assertion: 'x', client_id: 'app' }, { sub: 'other' }))).toBe(
    'other',
  );
});

it('asks for no key before it is known that the client is one of this method, and is about itself', async () => {
  const metadata = { ...clientOf().metadata, token_endpoint_auth_method: 'client_secret_toy' };
  const own = clientOf({}, { metadata });
  const fields = { client_assertion: 'x', client_assertion_type: TYPE };
  for (const [client, credentials, reason] of [
    [own, credentialsOf({ client_assertion: 'x' }, { sub: 'app' }), 'wrong_assertion_type'],
    [undefined, credentialsOf(fields, { sub: 'app' }), 'unknown_client'],
    [clientOf(), credentialsOf(fields, { sub: 'app' }), 'wrong_method'],
    [own, credentialsOf(fields), 'malformed_assertion'],
    [own, credentialsOf(fields, { sub: 'other' }), 'wrong_assertion_subject'],
  ] as const)
    expect(await toy.verify(context, client, credentials)).toEqual({ reason });
  expect(asked).toBe(0);
  // What it says is looked at before its signature.
  expect(
    await toy.verify(
      { ...context, settings: { issuer: 'https://as.example' } } as never,
      own,
      credentialsOf(fields, { sub: 'app' }),
    ),
  ).toEqual({ reason: 'assertion_without_jti' });
  expect(asked).toBe(1);
});

it('holds until what it was verified with is another, and whatever else of the client is changed', () => {
  const secretsOf = (...hashes: readonly string[]) =>
    createClientSecrets(hashes.map((secret_hash) => ({ secret_hash, expires_at: null })));
  const before = clientOf({}, { secrets: secretsOf('one') });
  const holds = (more: Partial<Client>) =>
    toy.holds(context, { before, now: { ...before, ...more } }, credentialsOf({}));
  expect(holds({ metadata: { ...before.metadata, client_name: 'Another name' }, epoch: 7 })).toBe(true);
  expect(holds({ secrets: secretsOf('other') })).toBe(false);
  for (const changed of [
    { jwks_uri: 'https://app.example/jwks' },
    { jwks: { keys: [] } },
    { token_endpoint_auth_signing_alg: 'HS256' },
  ])
    expect(holds({ metadata: { ...before.metadata, ...changed } }), JSON.stringify(changed)).toBe(false);
  const ended = createClientSecrets([
    { secret_hash: 'one', expires_at: null },
    { secret_hash: 'former', expires_at: 1000 },
  ]);
  expect(holds({ secrets: ended })).toBe(true);
});

describe('an assertion whose MAC is right', () => {
  const ISSUER = 'https://as.example';
  const NOW_MS = 10_000_000_000;
  const nowSeconds = NOW_MS / 1000;
  const secrets = createClientSecrets([{ secret_hash: 'hash', expires_at: null }]);
  const metadata = { ...clientOf().metadata, token_endpoint_auth_method: 'client_secret_toy' };
  const fields = { client_assertion: 'x', client_assertion_type: TYPE };

  /** What the toy says of it, at /introspect; a Proven has no reason. */
  async function reasonOf(
    claims: object,
    {
      profile = 'oidc',
      assertionsUnknownBeforeMs = 0,
    }: Partial<Pick<Client, 'profile'>> & {
      assertionsUnknownBeforeMs?: number;
    } = {},
  ): Promise<string | undefined> {
    const state = { revision: 1, restoredAtMs: 0, assertionsUnknownBeforeMs };
    const here = {
      clock: { nowMs: () => NOW_MS },
      settings: { issuer: ISSUER },
      revision: { current: async () => state },
    } as unknown as ClientAuthenticationContext;
    const all = { iss: 'app', sub: 'app', aud: ISSUER, jti: 'one', exp: nowSeconds + 60, ...claims };
    const credentials = credentialsOf(fields, all);
    const signature = createHmac('sha256', 'hash').update('').digest();
    const assertion = { ...credentials.assertion, signature };
    const shown = { ...credentials, request: { endpoint: '/introspect' }, assertion } as Credentials;
    const verdict = await toy.verify(here, clientOf({}, { metadata, profile, secrets }), shown);
    return 'reason' in verdict ? verdict.reason : undefined;
  }

  it.each([
    ['the issuer', ISSUER, true],
    ['the token endpoint', `${ISSUER}/token`, false],
    ['the endpoint that is called', `${ISSUER}/introspect`, false],
    ['the issuer in a list', [ISSUER], false],
  ])(
    'Q5 A042 may name %s, and profile fapi2 takes the issuer as one text alone',
    async (_, aud, isStrict) => {
      expect(await reasonOf({ aud })).toBeUndefined();
      expect(await reasonOf({ aud }, { profile: 'fapi2' })).toBe(
        isStrict ? undefined : 'wrong_assertion_audience',
      );
    },
  );

  it.each(['oidc', 'fapi2'] as const)('Q5 A042 names nothing else for profile %s', async (profile) => {
    for (const aud of [
      `${ISSUER}/`,
      `${ISSUER}/revoke`,
      'https://other.example',
      [ISSUER, 'https://other.example'],
      [],
      '',
    ])
      expect(await reasonOf({ aud }, { profile }), JSON.stringify(aud)).toBe('wrong_assertion_audience');
  });

  it('A043 is refused if made before a restore that could not tell which were used, and good if made since', async () => {
    // Clocks may differ by half a minute, and an assertion lives for an hour at most.
    const restored = { assertionsUnknownBeforeMs: NOW_MS };
    expect(await reasonOf({}, restored)).toBe('assertion_before_restore');
    expect(await reasonOf({ iat: nowSeconds + 30 }, restored)).toBe('assertion_before_restore');
    const earlier = { assertionsUnknownBeforeMs: NOW_MS - 31_000 };
    expect(await reasonOf({ iat: nowSeconds - 1 }, earlier)).toBe('assertion_before_restore');
    expect(await reasonOf({ iat: nowSeconds }, earlier)).toBeUndefined();
    expect(await reasonOf({ nbf: nowSeconds }, earlier)).toBeUndefined();
    const longAgo = { assertionsUnknownBeforeMs: NOW_MS - 3_630_000 };
    expect(await reasonOf({ exp: nowSeconds }, longAgo)).toBe('assertion_before_restore');
    expect(await reasonOf({ exp: nowSeconds + 1 }, longAgo)).toBeUndefined();
  });
});
