/** At run time too nothing proves a client but what a comparison made. */
import { expect, it } from 'vitest';
import { sha256 } from '../../../../src/lib/sha256-and-hmac.ts';
import {
  isProven,
  provenAnew,
  provenAsPublic,
  provenByAssertion,
  provenBySecret,
  unproven,
  type Verdict,
  type VerifiedAssertion,
} from '../../../../src/oauth/clients/authentication/prove-client-by-comparison.ts';
import type { Client } from '../../../../src/oauth/clients/client.ts';
import { NOTHING_TO_SPEND } from '../../../../src/oauth/spend-jtis.ts';

const client = { client_id: 'app', confidential: false } as Client;
const confidential = { client_id: 'service', confidential: true } as Client;
const proof = () => {
  const verdict = provenAsPublic(client);
  if (!isProven(verdict)) throw new Error(verdict.reason);
  return verdict;
};

it('a proof is one, and holds the client that it is of', () => {
  const verdict = proof();
  expect(isProven(verdict)).toBe(true);
  expect(verdict.client).toBe(client);
  expect(verdict.toSpend).toBe(NOTHING_TO_SPEND);
  expect(provenAnew(verdict, confidential)).toMatchObject({
    client: confidential,
    toSpend: NOTHING_TO_SPEND,
  });
});

it('Q1 a client that has something to prove itself with is none without it', () => {
  expect(provenAsPublic(confidential)).toEqual(unproven('wrong_method'));
  expect(provenAsPublic(undefined)).toEqual(unproven('wrong_method'));
});

it('a secret proves the client whose hash it has, and nothing without a hash or a client', () => {
  const compare = (
    presented: readonly string[],
    hashes: readonly string[],
    of: Client | undefined = client,
  ) => provenBySecret(of, { presented, hashes, otherwise: 'wrong_client_secret' });
  const hashes = [sha256('former'), sha256('present')];
  for (const presented of [['former'], ['present'], ['other', 'present']])
    expect(compare(presented, hashes)).toMatchObject({ client, toSpend: NOTHING_TO_SPEND });
  const refused = unproven('wrong_client_secret');
  expect(compare(['other'], hashes)).toEqual(refused);
  expect(compare([hashes[0] ?? ''], hashes)).toEqual(refused);
  expect(compare([], hashes)).toEqual(refused);
  expect(compare([''], [])).toEqual(refused);
  expect(provenBySecret(undefined, { presented: ['present'], hashes, otherwise: 'unknown_client' })).toEqual(
    unproven('unknown_client'),
  );
});

it('A043 an assertion is to be spent until the clocks agree that it has ended, and each by its own id', () => {
  const spent = (claims: object, of: Client = client) =>
    provenByAssertion({ client: of, claims } as VerifiedAssertion).toSpend;
  const [one] = spent({ jti: 'a', exp: 1000.5 });
  expect(one?.expires_at).toBe(1_030_500);
  expect(spent({ jti: 'a', exp: 1000.5 })).toEqual([one]);
  expect(spent({ jti: 'b', exp: 1000.5 })[0]?.jti_key).not.toBe(one?.jti_key);
  expect(spent({ jti: 'a', exp: 1000.5 }, confidential)[0]?.jti_key).not.toBe(one?.jti_key);
});

it('what only looks like one is none', () => {
  const looks: unknown[] = [
    unproven('unknown_client'),
    {},
    { client },
    { proven: true, client },
    { [Symbol('proven')]: true, client },
    { [Symbol.for('proven')]: true, client },
    { 'Symbol(proven)': true, client },
    JSON.parse(JSON.stringify(proof())),
  ];
  for (const look of looks) expect(isProven(look as Verdict), JSON.stringify(look)).toBe(false);
  expect(unproven('unknown_client')).toEqual({ reason: 'unknown_client' });
});
