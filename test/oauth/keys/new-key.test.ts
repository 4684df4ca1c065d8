import { calculateJwkThumbprint } from 'jose';
import { expect, it } from 'vitest';
import type { Settings } from '../../../src/config/settings-schema.ts';
import { createSystemRandom } from '../../../src/lib/clock-and-random.ts';
import { deriveKey } from '../../../src/lib/derive-key.ts';
import { signingAlgorithms } from '../../../src/oauth/keys/make-and-verify-signatures.ts';
import { newKey } from '../../../src/oauth/keys/new-key.ts';
import { unseal } from '../../../src/oauth/keys/seal-private-keys.ts';

const masterKey = Buffer.alloc(32, 7);
const settings = { masterKey } as Settings;
const context = { clock: { nowMs: () => 5 }, random: createSystemRandom(), settings };
const kinds = {
  ES256: { kty: 'EC', crv: 'P-256' },
  RS256: { kty: 'RSA' },
  PS256: { kty: 'RSA' },
  EdDSA: { kty: 'OKP', crv: 'Ed25519' },
};

it.each(signingAlgorithms)(
  '%s: its kid is the thumbprint, its public part has nothing private',
  async (alg) => {
    const key = await newKey(context, alg);
    const published = JSON.parse(key.public_jwk);
    expect(published).toMatchObject({ ...kinds[alg], kid: key.kid, use: 'sig', alg });
    expect(await calculateJwkThumbprint(published, 'sha256')).toBe(key.kid);
    for (const member of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'])
      expect(published, member).not.toHaveProperty(member);
    if (alg.endsWith('S256') && alg !== 'ES256')
      expect(Buffer.from(published.n, 'base64url')).toHaveLength(256);
    expect(key.created_at).toBe(5);
  },
);

it('the private part opens with the master key, under its own kid alone', async () => {
  const key = await newKey(context, 'ES256');
  const sealingKey = deriveKey(masterKey, 'private keys');
  const { d, ...publicPart } = JSON.parse(unseal(sealingKey, key.kid, key.private_sealed));
  expect(d).toMatch(/^[\w-]{43}$/);
  expect(JSON.parse(key.public_jwk)).toMatchObject(publicPart);
  expect(() => unseal(sealingKey, 'other', key.private_sealed)).toThrow('does not open');
  expect(key.private_sealed).not.toContain(d);
});

it('no two are the same', async () => {
  const kids = await Promise.all(Array.from({ length: 5 }, async () => (await newKey(context, 'EdDSA')).kid));
  expect(new Set(kids).size).toBe(5);
});
