/** A second factor whose right code is 123456, as often as one likes. A test adds it to the table of factors. */
import { accountPolicy } from '../../src/identity/attempts/throttle-policies.ts';
import type { SecondFactor } from '../../src/identity/factors/factor.ts';
import { personProven, unproven } from '../../src/identity/proof-user-was-authenticated.ts';

export interface CodeFactor extends SecondFactor<{ readonly code: string }, object> {
  /** The subs of those who have it. */
  readonly enrolled: Set<string>;
  /** What happens after the code was typed and before it is confirmed. */
  beforeConfirm: () => Promise<unknown>;
  /** Nobody has it, and nothing happens. */
  reset(): void;
}

export function createCodeFactor(): CodeFactor {
  const enrolled = new Set<string>();
  const nothing = async () => undefined;
  const factor: CodeFactor = {
    name: 'code',
    amr: ['otp'],
    step: 'code',
    comes: 'second',
    guesses: accountPolicy,
    enrolled,
    beforeConfirm: nothing,
    reset() {
      enrolled.clear();
      factor.beforeConfirm = nothing;
    },
    isEnrolled: async (_db, sub) => enrolled.has(sub),
    async look(_context, { code }) {
      await factor.beforeConfirm();
      return code === '123456' ? {} : unproven('wrong_password');
    },
    confirm: async (_context, _tx, sub) => personProven(sub, ['otp']),
  };
  return factor;
}
