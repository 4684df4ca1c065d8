import { recoveryCode } from '../../../../src/identity/factors/recovery_code.ts';
import {
  hasFactorToRecover,
  renewRecoveryCodes,
} from '../../../../src/identity/second-factors/change-recovery-codes.ts';
import { removeTotp } from '../../../../src/identity/second-factors/change-totp.ts';
import { accepted } from '../../identity-only.ts';
import { enrolTotp } from '../../second-factors/enrol-totp.ts';
import { defineSample } from '../factor-faults.ts';
import { sessionOf } from '../session-of-user.ts';

/** All ten that were made with a code. */
const made = new Map<string, readonly string[]>();

export const sample = defineSample(recoveryCode, {
  async enrol(identity, user) {
    if (!(await hasFactorToRecover(identity.db, user.sub))) await enrolTotp(identity, user);
    const { codes } = accepted(await renewRecoveryCodes(identity, await sessionOf(identity, user)));
    const [code = ''] = codes;
    made.set(code, codes);
    return { code };
  },
  // They go with the factor that they stand in for.
  async remove(identity, user) {
    return accepted(
      await removeTotp(identity, { ...(await sessionOf(identity, user)), endOtherSessions: false }),
    );
  },
  isRemovable: true,
  wrong: ({ code }) => ({ code: `${code.slice(0, -1)}${code.endsWith('0') ? '1' : '0'}` }),
  empty: () => ({ code: '' }),
  oversized: ({ code }, longer) => ({ code: longer(code) }),
  secrets: ({ code }) => made.get(code) ?? [],
  isOneTime: true,
});
