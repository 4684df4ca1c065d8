/** Hashing that fails, as while the files of a new version are put in place. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createPasswordHasher } from '../../../src/identity/passwords/queued-password-hasher.ts';
import { createSystemRandom } from '../../../src/lib/clock-and-random.ts';

const unhandled: unknown[] = [];
const note = (error: unknown) => void unhandled.push(error);
beforeAll(() => void process.on('unhandledRejection', note));
afterAll(() => void process.off('unhandledRejection', note));

it('fails only for the caller that waits for it, and is retried', async () => {
  let isBroken = true;
  const broken = () => Promise.reject(new Error('Cannot find module'));
  const hasher = createPasswordHasher(
    createSystemRandom(),
    {
      hash: () => (isBroken ? broken() : Promise.resolve('decoy')),
      verify: async (phc) => (isBroken ? broken() : phc === 'known'),
      close() {},
    },
    1,
  );
  await expect(hasher.verify('known', 'password')).rejects.toThrow('Cannot find module');
  await expect(hasher.verify(undefined, 'password')).rejects.toThrow('Cannot find module');
  await new Promise((resolve) => setImmediate(resolve));
  expect(unhandled).toEqual([]);
  isBroken = false;
  expect(await hasher.verify('known', 'password')).toBe(true);
  expect(await hasher.verify(undefined, 'password')).toBe(false);
});
