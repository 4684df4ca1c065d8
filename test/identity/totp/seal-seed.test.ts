import { expect, it } from 'vitest';
import { openSeed, sealSeed } from '../../../src/identity/totp/seal-seed.ts';
import { createSystemRandom } from '../../../src/lib/clock-and-random.ts';
import { type IdentityFixture, openIdentity } from '../identity-only.ts';

const SEED = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const random = createSystemRandom();

/** With this master key. */
async function withKey<Result>(fill: number, act: (context: IdentityFixture) => Result): Promise<Result> {
  const identity = await openIdentity();
  const settings = { ...identity.settings, masterKey: Buffer.alloc(32, fill) };
  try {
    return act({ ...identity, settings });
  } finally {
    await identity.close();
  }
}

it('a sealed seed opens for its user, with its master key alone', async () => {
  const seed_sealed = await withKey(1, (context) => sealSeed({ ...context, random }, 'alice', SEED));
  expect(Buffer.from(seed_sealed, 'base64url').toString('latin1')).not.toContain(SEED);
  expect(await withKey(1, (context) => openSeed(context, { sub: 'alice', seed_sealed }))).toBe(SEED);
  expect(await withKey(1, (context) => openSeed(context, { sub: 'bob', seed_sealed }))).toBeUndefined();
  expect(await withKey(2, (context) => openSeed(context, { sub: 'alice', seed_sealed }))).toBeUndefined();
  expect(await withKey(1, (context) => openSeed(context, { sub: 'alice', seed_sealed: '' }))).toBeUndefined();
});
