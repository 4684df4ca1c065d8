/** A method whose client signs: when it is used, what is asked before its keys, and how long what it proved holds. */
import { expect, it } from 'vitest';
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
