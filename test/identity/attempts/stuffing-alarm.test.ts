import { afterEach, beforeEach, expect, it } from 'vitest';
import { ALARM_FAILURES } from '../../../src/identity/attempts/stuffing-alarm.ts';
import {
  type IdentityFixture,
  openIdentity,
  PASSWORD,
  plainHasher,
  reasonOf,
  sourceAt,
} from '../identity-only.ts';

let identity: IdentityFixture;
beforeEach(async () => {
  identity = await openIdentity({ passwordHasher: plainHasher() });
});
afterEach(() => identity.close());

const address = (index: number) => sourceAt(`10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`);

/** One password at ten accounts from each address. */
async function wave(accounts: number): Promise<number> {
  let looked = 0;
  for (let index = 0; index < accounts; index += 1) {
    const source = address(index % (accounts / 10));
    const outcome = await identity.signIn(`victim-${index}`, 'Summer2026!', { source });
    if (reasonOf(outcome) === 'unknown_user') looked += 1;
  }
  return looked;
}

/** Thousands of sign-ins, each with its writes: a busy machine only takes longer. */
const TIMEOUT_MS = 180_000;

it(
  'A071 guesses from many addresses raise one alarm and are slowed; users with the right password sign in',
  async () => {
    await identity.user();
    const looked = await wave(3000);
    expect(identity.warnings).toEqual([{ alarm: 'credential_stuffing' }]);
    // Each of the 300 addresses has five tries in the alarm.
    expect(looked).toBeLessThanOrEqual(ALARM_FAILURES + 300 * 5);
    for (let index = 0; index < 100; index += 1) {
      expect(reasonOf(await identity.signIn('alice', PASSWORD, { source: address(9_000 + index) }))).toBe(
        'accepted',
      );
    }
    const source = address(0);
    expect(reasonOf(await identity.signIn('alice', PASSWORD, { source }))).toBe('address_throttled');
  },
  TIMEOUT_MS,
);

it('A071 the alarm ends with the attack, and the next attack raises it again', async () => {
  await wave(ALARM_FAILURES);
  expect(identity.warnings).toHaveLength(1);
  identity.advance(600_001);
  const source = sourceAt('192.0.2.9');
  for (let index = 0; index < 20; index += 1) {
    expect(reasonOf(await identity.signIn(`late-${index}`, 'guess', { source }))).toBe('unknown_user');
  }
  await wave(ALARM_FAILURES);
  expect(identity.warnings).toHaveLength(2);
});

it('A071 many guesses at one account raise no alarm', async () => {
  for (let index = 0; index < ALARM_FAILURES + 20; index += 1) {
    await identity.signIn('alice', 'guess', { source: address(index) });
    identity.advance(2000);
  }
  expect(identity.warnings).toEqual([]);
  expect(await identity.attempts('login:global')).toBeLessThanOrEqual(5);
});

it('A069 in an alarm failures of others at the same address do not block a known device', async () => {
  await identity.user();
  const { deviceCookie } = await identity.signedIn();
  await wave(ALARM_FAILURES);
  const source = sourceAt('192.0.2.9');
  for (let index = 0; index < 20; index += 1) await identity.signIn(`late-${index}`, 'guess', { source });
  expect(reasonOf(await identity.signIn('bob', PASSWORD, { source }))).toBe('address_throttled');
  expect(reasonOf(await identity.signIn('alice', PASSWORD, { source, deviceCookie }))).toBe('accepted');
});

it('A071 in an alarm sign-ins of a known device give its address no further tries', async () => {
  await identity.user();
  const { deviceCookie } = await identity.signedIn();
  await wave(ALARM_FAILURES);
  const source = sourceAt('192.0.2.9');
  const guesses: string[] = [];
  for (let index = 0; index < 12; index += 1) {
    guesses.push(reasonOf(await identity.signIn(`late-${index}`, 'guess', { source })));
    expect(reasonOf(await identity.signIn('alice', PASSWORD, { source, deviceCookie }))).toBe('accepted');
  }
  expect(guesses.filter((reason) => reason === 'unknown_user')).toHaveLength(5);
});

it('A069 on a known device the tighter limit of an alarm does not apply', async () => {
  await identity.user();
  const { deviceCookie } = await identity.signedIn();
  await wave(ALARM_FAILURES);
  const source = sourceAt('192.0.2.9');
  for (let index = 0; index < 4; index += 1) await identity.signIn(`late-${index}`, 'guess', { source });
  for (let index = 0; index < 4; index += 1) {
    expect(reasonOf(await identity.signIn('alice', 'typo', { source, deviceCookie }))).toBe('wrong_password');
  }
  expect(reasonOf(await identity.signIn('alice', PASSWORD, { source, deviceCookie }))).toBe('accepted');
});
