/** A way to sign in that forgets its proof, beside one that does not. Compiled by ../forgetful.test.ts. */
import type { IdentityContext } from '../../../src/identity/context.ts';
import { type PersonProof, personProven } from '../../../src/identity/person-proof.ts';
import {
  renewSession,
  type SessionStart,
  startSession,
} from '../../../src/identity/sessions/session-start.ts';
import type { Session } from '../../../src/identity/sessions/sessions.ts';
import { type Refusal, refuse } from '../../../src/lib/outcome.ts';
import type { Tx } from '../../../src/storage/database.ts';

/** As a second factor would be. */
interface ToyFactor {
  verify(sub: string, code: string): PersonProof | Refusal;
}

export const careful: ToyFactor = {
  verify: (sub, code) =>
    code === '123456' ? personProven(sub, ['pwd', 'otp']) : refuse('invalid', 'wrong_password', 'wrong'),
};

export const silent: ToyFactor = {
  // refused: TS2322
  verify: () => {},
};

export const forgetsTheLastLine: ToyFactor = {
  // refused: TS2322 TS7030
  verify(_sub, code) {
    if (code !== '123456') return refuse('invalid', 'wrong_password', 'wrong');
  },
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
  // refused: TS2322
  return startSession(context, tx, { ...rest, proof: careful.verify('somebody', '') });
}

export async function goesOnByItself(context: IdentityContext, tx: Tx, session: Session, rest: Rest) {
  // refused: TS2741
  return renewSession(context, tx, session, session, rest.source);
}
