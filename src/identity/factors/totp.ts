/** An authenticator app as a second factor: time-based one-time passwords. RFC 6238, NIST SP 800-63B-4 §3.1.4 */
import type { Tx } from '../../storage/database.ts';
import { findTotp, spendTotpStep, type TotpRow } from '../../storage/tables/totp.ts';
import { accountPolicy } from '../attempts/throttle-policies.ts';
import type { FactorContext } from '../context.ts';
import { type PersonProof, personProven, type Unproven, unproven } from '../proof-user-was-authenticated.ts';
import { openSeed } from '../totp/seal-seed.ts';
import { stepOfCode } from '../totp/totp-codes.ts';
import type { SecondFactor } from './factor.ts';

export interface CodeInput {
  readonly code: string;
}

/** The step whose code was typed, and the seed that it is a code of. */
export interface FoundStep extends Pick<TotpRow, 'seed_sealed'> {
  readonly step: number;
}

/** Each step is accepted once, and none before it after that. RFC 6238 §5.2 */
export const totp: SecondFactor<CodeInput, FoundStep> = {
  name: 'totp',
  amr: ['otp'],
  step: 'totp',
  comes: 'second',
  guesses: accountPolicy,
  isEnrolled: async (db, sub) => (await findTotp(db, sub)) !== undefined,

  async look(context, { code }, { sub = '' }) {
    const row = await findTotp(context.db, sub);
    if (!row) return unproven('wrong_code');
    const seed = openSeed(context, row);
    if (seed === undefined) return unproven('seed_unreadable');
    const step = stepOfCode(seed, code, { nowMs: context.clock.nowMs(), lastStep: row.last_step });
    return step === undefined ? unproven('wrong_code') : { step, seed_sealed: row.seed_sealed };
  },

  confirm: confirmTotp,
};

/** Another request may have spent the step, or the user have changed the app, meanwhile. */
async function confirmTotp(
  _context: FactorContext,
  tx: Tx,
  sub: string,
  { step, seed_sealed }: FoundStep,
): Promise<PersonProof | Unproven> {
  const spent = await spendTotpStep(tx, { sub, seed_sealed }, step);
  return spent ? personProven(sub, totp.amr) : unproven('wrong_code');
}
