/** Many guess at once from many addresses, more than can be hashed: whose turn it is. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Argon } from '../../../src/identity/passwords/argon.ts';
import { createPasswordHasher } from '../../../src/identity/passwords/queued-password-hasher.ts';
import { createSystemRandom } from '../../../src/lib/clock-and-random.ts';
import { type IdentityFixture, openIdentity, PASSWORD, reasonOf, sourceAt } from '../identity-only.ts';

const ADDRESSES = 40;
/** Each guesses so often at once: more than may wait in all. */
const EACH = 3;

/** Compares plainly; while it is held, nothing is answered. */
function heldArgon() {
  let open: () => void = () => {};
  let gate = Promise.resolve();
  const argon: Argon = {
    hash: async (password) => `plain ${password}`,
    async verify(phc, password) {
      await gate;
      return phc === `plain ${password}`;
    },
    close() {},
  };
  return {
    argon,
    hold() {
      gate = new Promise((resolve) => {
        open = resolve;
      });
    },
    letGo: () => open(),
  };
}

let identity: IdentityFixture;
let held: ReturnType<typeof heldArgon>;
let deviceCookie: string;
beforeEach(async () => {
  held = heldArgon();
  identity = await openIdentity({
    passwordHasher: createPasswordHasher(createSystemRandom(), held.argon, 1),
  });
  await identity.user();
  ({ deviceCookie } = await identity.signedIn());
  held.hold();
});
afterEach(() => identity.close());

const crowd = () =>
  Array.from({ length: ADDRESSES * EACH }, (_, index) =>
    identity.signIn(`name-${index}`, 'guess', { source: sourceAt(`10.0.0.${index % ADDRESSES}`) }),
  );

/** Once all of them wait or were refused. */
async function refusedOf(attempts: readonly Promise<unknown>[]): Promise<unknown[]> {
  const refused: unknown[] = [];
  for (const attempt of attempts) void attempt.then((outcome) => refused.push(outcome));
  // One is under way, 64 wait.
  while (refused.length < attempts.length - 65) await new Promise((resolve) => setImmediate(resolve));
  return refused;
}

it('A071 a user whose address did not guess signs in while others fill the queue', async () => {
  const attempts = crowd();
  await refusedOf(attempts);
  const honest = identity.signIn('alice', PASSWORD, { source: sourceAt('192.0.2.9') });
  const known = identity.signIn('alice', PASSWORD, { source: sourceAt('10.0.0.1'), deviceCookie });
  const again = identity.signIn('zoe', 'guess', { source: sourceAt('10.0.0.1') });
  expect(reasonOf(await again)).toBe('hash_queue_full');
  held.letGo();
  expect([reasonOf(await honest), reasonOf(await known)]).toEqual(['accepted', 'accepted']);
  await Promise.all(attempts);
});

it('guesses that had no place in the queue leave no row', async () => {
  const attempts = crowd();
  const refused = await refusedOf(attempts);
  held.letGo();
  const reasons = (await Promise.all(attempts)).map(reasonOf);
  const looked = reasons.filter((reason) => reason === 'unknown_user').length;
  expect(refused.map(reasonOf)).toContain('hash_queue_full');
  const { n } = (await identity.db.get<{ n: number }>(
    `SELECT count(*) AS n FROM throttles WHERE throttle_key LIKE 'account:%'`,
  )) ?? { n: 0 };
  expect(n).toBe(looked);
});
