/** A way to sign in that forgets its proof, beside one that does not. Compiled by ../forgetful.test.ts. */
import { accountPolicy } from '../../../src/identity/attempts/throttle-policies.ts';
import type { IdentityContext } from '../../../src/identity/context.ts';
import type { FirstFactor, SecondFactor } from '../../../src/identity/factors/factor.ts';
import type { PendingSignIn } from '../../../src/identity/pending-sign-in.ts';
import {
  type PersonProof,
  personProven,
  unproven,
} from '../../../src/identity/proof-user-was-authenticated.ts';
import type { Session } from '../../../src/identity/sessions/session-type.ts';
import {
  renewSession,
  type SessionStart,
  startSession,
} from '../../../src/identity/sessions/start-or-renew-session.ts';
import type { SignedIn } from '../../../src/identity/sign-in.ts';
import { PASSED, refuse } from '../../../src/lib/outcome.ts';
import type { Tx } from '../../../src/storage/database.ts';

interface Input {
  readonly code: string;
}
interface Found {
  readonly step: number;
}

export const careful: SecondFactor<Input, Found> = {
  name: 'code',
  amr: ['otp'],
  step: 'code',
  comes: 'second',
  guesses: accountPolicy,
  isEnrolled: async () => true,
  look: async (_context, { code }) => (code === '123456' ? { step: 1 } : unproven('wrong_password')),
  confirm: async (_context, _tx, sub) => personProven(sub, ['otp']),
};

export const silent: SecondFactor<Input, Found> = {
  ...careful,
  // refused: TS2322
  look: async () => {},
  // refused: TS2322
  confirm: async () => {},
};

export const forgetsTheLastLine: SecondFactor<Input, Found> = {
  ...careful,
  // refused: TS2322 TS7030
  async look(_context, { code }) {
    if (code !== '123456') return unproven('wrong_password');
  },
  // refused: TS2322 TS7030
  async confirm(_context, _tx, sub) {
    if (sub === '') return unproven('unknown_user');
  },
};

export const saysYesInAnotherWord: SecondFactor<Input, Found> = {
  ...careful,
  // refused: TS2322
  look: async (_context, { code }) => code === '123456',
  // refused: TS2322
  confirm: async (_context, _tx, sub) => ({ sub, amr: ['otp'] }),
};

// refused: TS2741
export const isNotCounted: SecondFactor<Input, Found> = {
  name: 'code',
  amr: ['otp'],
  step: 'code',
  comes: 'second',
  isEnrolled: careful.isEnrolled,
  look: careful.look,
  confirm: careful.confirm,
};

export const carefulFirst: FirstFactor<Input, undefined, Found> = {
  ...careful,
  comes: 'first',
  check: ({ code }) => (code.length > 6 ? refuse('invalid', 'oversized_credentials', 'wrong') : PASSED),
  find: async () => ({ sub: 'somebody', held: undefined, countedAs: 'code:somebody', isKnown: false }),
  refuseFull() {},
};

export const checksNothing: FirstFactor<Input, undefined, Found> = {
  ...carefulFirst,
  // refused: TS2322
  check: () => {},
  // refused: TS2322
  find: async () => ({ sub: 'somebody', held: undefined, isKnown: false }),
};

type Rest = Omit<SessionStart, 'proof'>;

export async function begins(context: IdentityContext, tx: Tx, proof: PersonProof, rest: Rest) {
  return startSession(context, tx, { ...rest, proof });
}

export async function beginsForSomebody(context: IdentityContext, tx: Tx, rest: Rest) {
  // refused: TS2741
  return startSession(context, tx, { ...rest, proof: { sub: 'somebody', amr: ['pwd'] } });
}

export async function beginsWhateverCameOfIt(context: IdentityContext, tx: Tx, rest: Rest) {
  const outcome = await careful.confirm(context, tx, 'somebody', { step: 1 });
  // refused: TS2322
  return startSession(context, tx, { ...rest, proof: outcome });
}

export async function goesOnByItself(context: IdentityContext, tx: Tx, session: Session, rest: Rest) {
  // refused: TS2741
  return renewSession(context, tx, session, session, rest.source);
}

export function takesWhatIsPendingForASession(outcome: SignedIn | PendingSignIn): Session {
  // refused: TS2339
  return outcome.session;
}
