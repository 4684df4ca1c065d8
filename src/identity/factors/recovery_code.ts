/** A recovery code as a second factor, where the others are lost: a look-up secret. NIST SP 800-63B-4 §3.1.2 */
import {
  countUnusedRecoveryCodes,
  hasUnusedRecoveryCode,
  type RecoveryCodeRow,
  spendRecoveryCode,
} from '../../storage/tables/recovery-codes.ts';
import { accountPolicy } from '../attempts/throttle-policies.ts';
import { personProven, unproven } from '../proof-user-was-authenticated.ts';
import { hashOfRecoveryCode } from '../recovery-code-text.ts';
import type { SecondFactor } from './factor.ts';

export interface RecoveryCodeInput {
  readonly code: string;
}

/** Each is good once. RFC 8176 has no name for it, so that it has one of this server's. */
export const recoveryCode: SecondFactor<RecoveryCodeInput, Pick<RecoveryCodeRow, 'code_hash'>> = {
  name: 'recovery_code',
  amr: ['urn:gatehouse:amr:recovery_code'],
  step: 'recovery-code',
  comes: 'second',
  guesses: accountPolicy,
  isEnrolled: async (db, sub) => (await countUnusedRecoveryCodes(db, sub)) > 0,

  async look({ db }, { code }, { sub = '' }) {
    const code_hash = hashOfRecoveryCode(code);
    if (code_hash === undefined) return unproven('wrong_code');
    return (await hasUnusedRecoveryCode(db, { sub, code_hash })) ? { code_hash } : unproven('wrong_code');
  },

  async confirm({ clock }, tx, sub, { code_hash }) {
    const spent = await spendRecoveryCode(tx, { sub, code_hash }, clock.nowMs());
    return spent ? personProven(sub, recoveryCode.amr) : unproven('wrong_code');
  },
};
