/** A JWT that a client signed: each rule at its boundary, and whose key it is. RFC 7519 §7.2, RFC 8725 §3 */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { registeredClaims } from '../../../src/lib/jwt-claim-schemas.ts';
import { isRefusal } from '../../../src/lib/outcome.ts';
import { createClientKeys } from '../../../src/oauth/clients/cached-client-jwks.ts';
import {
  type ClientJwtRules,
  OF_ANY_AGE,
  PUBLIC_KEYS,
  readClientJwt,
  verifyClientJwt,
} from '../../../src/oauth/clients/verify-client-jwt.ts';
import { signingAlgorithms } from '../../../src/oauth/keys/make-and-verify-signatures.ts';
import { clientOf } from './client-value.ts';

const NOW = 2_000_000_000;
const ISSUER = 'https://op.example';
const clock = { nowMs: () => NOW * 1000 };
const log = { debug() {}, info() {}, warn() {}, error() {}, request() {} };
const outbound = () => Promise.reject(new Error('nothing is fetched: the keys are registered'));
const context = { clock, clientKeys: createClientKeys({ clock, log, outbound }) };

const newKey = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const [own, stranger] = [newKey(), newKey()];
const jwkOf = ({ publicKey }: { publicKey: KeyObject }, more = {}) => ({
  ...publicKey.export({ format: 'jwk' }),
  ...more,
});
const clientWith = (...keys: object[]) =>
  clientOf({ token_endpoint_auth_method: 'private_key_jwt', jwks: { keys } });
const client = clientWith(jwkOf(own, { kid: 'one' }));

const required = {
  typ: 'optional',
  iss: 'required',
  aud: 'required',
  exp: 'required',
  jti: 'required',
} as const;
const rules: ClientJwtRules = {
  types: ['jwt'],
  presence: required,
  algorithms: signingAlgorithms,
  alg: undefined,
  audiences: [ISSUER],
  audienceForm: 'text or list of one',
  longestSeconds: 600,
  oldestSeconds: OF_ANY_AGE,
};
const claims = { iss: 'app', aud: ISSUER, exp: NOW + 60, jti: 'one' };

interface Sent {
  readonly claims?: object;
  readonly header?: object;
  readonly rules?: Partial<ClientJwtRules>;
  readonly key?: KeyObject;
  readonly of?: typeof client;
}

async function told(sent: Sent = {}): Promise<string> {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'ES256', kid: 'one', ...sent.header })}.${part({ ...claims, ...sent.claims })}`;
  const key = { key: sent.key ?? own.privateKey, dsaEncoding: 'ieee-p1363' } as const;
  const text = `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`;
  const jwt = readClientJwt(text, { claims: z.object(registeredClaims), longest: 4096 });
  if (!jwt) return 'no JWT';
  const verified = await verifyClientJwt(context, { client: sent.of ?? client, keys: PUBLIC_KEYS }, jwt, {
    ...rules,
    ...sent.rules,
  });
  if (typeof verified === 'string') return verified;
  return isRefusal(verified) ? verified.reason : 'verified';
}

it('is verified where it keeps all rules and the client’s key signed it', async () => {
  expect(await told()).toBe('verified');
});

it('is none where it is longer than its kind may be, or has a claim of a wrong type', async () => {
  expect(await told({ claims: { jti: 'x'.repeat(4096) } })).toBe('no JWT');
  for (const wrong of [{ exp: 'soon' }, { aud: 1 }, { iss: ['app'] }, { jti: 1 }, { nbf: null }])
    expect(await told({ claims: wrong }), JSON.stringify(wrong)).toBe('no JWT');
});

describe('a claim that is required is', () => {
  it.each([
    ['jti', 'without_jti'],
    ['iss', 'wrong_issuer'],
    ['aud', 'wrong_audience'],
    ['exp', 'expired'],
  ])('%s: without it, %s; and where it is optional, verified', async (name, fault) => {
    expect(await told({ claims: { [name]: undefined } })).toBe(fault);
    const presence = { ...required, [name]: 'optional' };
    expect(await told({ claims: { [name]: undefined }, rules: { presence } })).toBe('verified');
  });

  it('typ: without it, wrong_typ', async () => {
    const presence = { ...required, typ: 'required' } as const;
    expect(await told({ rules: { presence } })).toBe('wrong_typ');
    expect(await told({ header: { typ: 'JWT' }, rules: { presence } })).toBe('verified');
  });

  it('held to its rule where it is optional and there', async () => {
    const presence = {
      typ: 'optional',
      iss: 'optional',
      aud: 'optional',
      exp: 'optional',
      jti: 'optional',
    } as const;
    expect(await told({ claims: { iss: 'other' }, rules: { presence } })).toBe('wrong_issuer');
    expect(await told({ claims: { aud: 'other' }, rules: { presence } })).toBe('wrong_audience');
    expect(await told({ claims: { exp: NOW - 31 }, rules: { presence } })).toBe('expired');
    expect(await told({ header: { typ: 'at+jwt' }, rules: { presence } })).toBe('wrong_typ');
  });
});

describe('the header', () => {
  it('RFC 8725 §3.11 has a type of this kind, in any case, with or without application/', async () => {
    for (const typ of ['jwt', 'JWT', 'application/jwt', 'Application/JWT'])
      expect(await told({ header: { typ } }), typ).toBe('verified');
    for (const typ of ['', 'at+jwt', 'jwt ', 'application/application/jwt'])
      expect(await told({ header: { typ } }), typ).toBe('wrong_typ');
  });

  it('A046 has an algorithm that is offered, and the one that was registered', async () => {
    for (const alg of ['none', 'HS256', 'es256', 'ES384', ''])
      expect(await told({ header: { alg } }), alg).toBe('wrong_alg');
    expect(await told({ rules: { alg: 'RS256' } })).toBe('wrong_alg');
    expect(await told({ rules: { alg: 'ES256' } })).toBe('verified');
  });
});

describe('the audience', () => {
  it('A042 is one of those that are expected, byte for byte', async () => {
    for (const aud of [`${ISSUER}/`, ISSUER.toUpperCase(), '', [ISSUER, 'other'], [], ['other']])
      expect(await told({ claims: { aud } }), JSON.stringify(aud)).toBe('wrong_audience');
    expect(await told({ claims: { aud: 'b' }, rules: { audiences: ['a', 'b'] } })).toBe('verified');
  });

  it('may be a list of that one, unless one text alone is asked for', async () => {
    expect(await told({ claims: { aud: [ISSUER] } })).toBe('verified');
    expect(await told({ claims: { aud: [ISSUER] }, rules: { audienceForm: 'text' } })).toBe('wrong_audience');
  });
});

describe('A044 the times, by a clock that differs by 30 seconds', () => {
  it.each([
    [{ exp: NOW - 29 }, 'verified'],
    [{ exp: NOW - 30 }, 'expired'],
    [{ exp: NOW + 630 }, 'verified'],
    [{ exp: NOW + 631 }, 'too_long'],
    [{ iat: NOW + 30 }, 'verified'],
    [{ iat: NOW + 31 }, 'not_yet_valid'],
    [{ nbf: NOW + 30 }, 'verified'],
    [{ nbf: NOW + 31 }, 'not_yet_valid'],
  ])('%j: %s', async (times, outcome) => {
    expect(await told({ claims: times })).toBe(outcome);
  });

  it('where the age counts, iat is required and no older', async () => {
    const aged = { oldestSeconds: 60 };
    expect(await told({ rules: aged })).toBe('expired');
    expect(await told({ claims: { iat: NOW - 90 }, rules: aged })).toBe('verified');
    expect(await told({ claims: { iat: NOW - 91 }, rules: aged })).toBe('expired');
  });
});

describe('the key', () => {
  it('is one of the client’s: another signature, and a kid that it does not have, are refused', async () => {
    expect(await told({ key: stranger.privateKey })).toBe('wrong_signature');
    expect(await told({ header: { kid: 'two' } })).toBe('wrong_signature');
    expect(await told({ of: clientOf() })).toBe('no_keys');
    expect(await told({ of: clientWith(jwkOf(stranger, { kid: 'one' })) })).toBe('wrong_signature');
  });

  it('is for signing, for this algorithm, and for nothing else', async () => {
    for (const more of [{ use: 'enc' }, { key_ops: ['sign'] }, { alg: 'ES384' }, { alg: 'RS256' }])
      expect(await told({ of: clientWith(jwkOf(own, { kid: 'one', ...more })) }), JSON.stringify(more)).toBe(
        'wrong_signature',
      );
    const good = { use: 'sig', key_ops: ['verify'], alg: 'ES256' };
    expect(await told({ of: clientWith(jwkOf(own, { kid: 'one', ...good })) })).toBe('verified');
  });

  it('without a kid is one of the first four', async () => {
    const others = Array.from({ length: 4 }, () => jwkOf(newKey()));
    const header = { kid: undefined };
    expect(await told({ header, of: clientWith(...others.slice(1), jwkOf(own)) })).toBe('verified');
    expect(await told({ header, of: clientWith(...others, jwkOf(own)) })).toBe('too_many_keys');
  });
});
