import { recoveryCode } from '../../identity/factors/recovery_code.ts';
import { countRecoveryCodes } from '../../identity/second-factors/change-recovery-codes.ts';
import { secondFactorPage } from './make-second-factor-page.ts';

/** Asks for a recovery code, of users who have none of their other second factors at hand, and says how many are left. */
export const recoveryCodePage = secondFactorPage(recoveryCode, {
  view: 'recovery-code',
  describe: async (tools, sub) => ({ left: await countRecoveryCodes(tools, sub) }),
  read: ({ code = '' }) => ({ code }),
});
