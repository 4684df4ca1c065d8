/** Keys that are lacking are made, and those whose time is over retire. */
import { expect, it } from 'vitest';
import { listKeys } from '../../../src/oauth/keys/list-keys.ts';
import { maintainKeys } from '../../../src/oauth/keys/maintain-keys.ts';
import { startServer } from '../../support/server.ts';

it('keys rotate by themselves when their time is near', async () => {
  const own = await startServer({ environment: { GATEHOUSE_KEY_ROTATION_DAYS: '1' } });
  const [first] = await listKeys(own.gatehouse);
  own.clock.advance(86_400_000 - 1000);
  await maintainKeys(own.gatehouse);
  const kids = (await listKeys(own.gatehouse)).map((key) => key.state);
  expect(kids.filter((state) => state === 'next')).toHaveLength(2);
  own.clock.advance(3_600_000);
  await maintainKeys(own.gatehouse);
  expect((await listKeys(own.gatehouse)).map((key) => key.kid)).not.toContain(first?.kid);
  await own.stop();
});

it('what is in order is let be, and of several that see a need at once one makes the key', async () => {
  const own = await startServer({ environment: { GATEHOUSE_KEY_ROTATION_DAYS: '1' } });
  const before = await listKeys(own.gatehouse);
  await maintainKeys(own.gatehouse);
  expect(await listKeys(own.gatehouse)).toEqual(before);
  own.clock.advance(86_400_000 - 1000);
  await Promise.all([1, 2, 3].map(() => maintainKeys(own.gatehouse)));
  const next = (await listKeys(own.gatehouse)).filter((key) => key.state === 'next');
  expect(next.map(({ alg }) => alg).toSorted()).toEqual(['ES256', 'RS256']);
  await own.stop();
});
