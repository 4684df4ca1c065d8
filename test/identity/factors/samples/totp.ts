import { totp } from '../../../../src/identity/factors/totp.ts';
import { removeTotp } from '../../../../src/identity/second-factors/change-totp.ts';
import type { User } from '../../../../src/identity/users/users.ts';
import { accepted, type IdentityFixture } from '../../identity-only.ts';
import { enrolTotp } from '../../second-factors/enrol-totp.ts';
import { defineSample } from '../factor-faults.ts';
import { sessionOf } from '../session-of-user.ts';

/** The seed of each code, which is a secret too. */
const seeds = new Map<string, string>();

export const sample = defineSample(totp, {
  async enrol(identity, user) {
    const { seed, next: code } = await enrolTotp(identity, user);
    seeds.set(code, seed);
    return { code };
  },
  remove,
  isRemovable: true,
  wrong: ({ code }) => ({ code: String((Number(code) + 1) % 1_000_000).padStart(6, '0') }),
  empty: () => ({ code: '' }),
  oversized: ({ code }, longer) => ({ code: longer(code) }),
  secrets: ({ code }) => [code, seeds.get(code) ?? ''],
  isOneTime: true,
});

async function remove(identity: IdentityFixture, user: User): Promise<unknown> {
  const { session, source } = await sessionOf(identity, user);
  return accepted(await removeTotp(identity, { session, source, endOtherSessions: false }));
}
