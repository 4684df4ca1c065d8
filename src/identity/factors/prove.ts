/** Proves a factor: counts the attempt, checks the input, and confirms it in the transaction that acts on it. */
import type { RequestSource } from '../../audit/request-source.ts';
import { QueueFullError } from '../../lib/bounded-priority-work-queue.ts';
import { type Refusal, refuse } from '../../lib/outcome.ts';
import type { Reason } from '../../lib/refusal-reason.ts';
import type { Tx } from '../../storage/database.ts';
import { findUser } from '../../storage/tables/users.ts';
import { type Attempt, type Counted, countAttempt, countFailure } from '../attempts/count-sign-in-attempt.ts';
import { factorKey } from '../attempts/throttle-keys.ts';
import { countedFor } from '../attempts/throttling.ts';
import type { FactorContext, ProofContext } from '../context.ts';
import {
  isPersonProof,
  isUnproven,
  type PersonProof,
  type Unproven,
  unproven,
} from '../proof-user-was-authenticated.ts';
import type { FirstFactor, ProvableFactor, SecondFactor, Target } from './factor.ts';

/** `invalid` is the same answer for an unknown user, a wrong password, a locked and a disabled account. */
export type ProofRefusal = Refusal<'invalid' | 'throttled' | 'busy'> & {
  readonly retryAfterSeconds: number;
};

interface Proving<Input, Held> {
  readonly input: Input;
  readonly target: Target<Held>;
  readonly source: RequestSource;
}

/** Begins a session or a pending sign-in with the proof that `confirm` gives in the transaction; without a proof, neither. */
type Begin<Begun> = (
  confirm: (tx: Tx) => Promise<PersonProof | Unproven>,
  counted: Counted,
) => Promise<Begun | Unproven>;

/** Proves a first factor. A refusal is the same for every user: a locked account is answered as a wrong password is. */
export function proveFirst<Input, Held, Found extends object, Begun extends object>(
  context: ProofContext,
  factor: FirstFactor<Input, Held, Found>,
  proving: Proving<Input, Held>,
  begin: Begin<Begun>,
): Promise<Begun | ProofRefusal> {
  const refuseFull = (rank: number) => factor.refuseFull(context, rank);
  return prove(context, factor, { ...proving, refuseFull }, begin);
}

/** Proves a second factor, after a first one identified the user; a refusal by the throttle says how long to wait. */
export function proveSecond<Input, Found extends object, Begun extends object>(
  context: ProofContext,
  factor: SecondFactor<Input, Found>,
  proving: Proving<Input, undefined>,
  begin: Begin<Begun>,
): Promise<Begun | ProofRefusal> {
  return prove(context, factor, proving, begin);
}

/** The target of a second factor: the attempts of this user at this factor have their own count. */
export function targetOfPerson(factor: { readonly name: string }, sub: string): Target<undefined> {
  return { sub, held: undefined, countedAs: factorKey(factor, sub), isKnown: true };
}

async function prove<Input, Held, Found extends object, Begun extends object>(
  context: ProofContext,
  factor: ProvableFactor<Input, Held, Found>,
  proving: Proving<Input, Held> & Pick<Attempt, 'refuseFull'>,
  begin: Begin<Begun>,
): Promise<Begun | ProofRefusal> {
  const { input, target, ...rest } = proving;
  const attempt: Attempt = { ...rest, aim: target, policy: factor.guesses };
  try {
    const counted = await countAttempt(context, attempt);
    if ('by' in counted) {
      const isTold = counted.by === 'address' || factor.comes === 'second';
      if (!isTold) return refused('invalid', 'account_throttled');
      return refused('throttled', `${counted.by}_throttled`, counted.retryAfterSeconds);
    }
    const outcome = await countedFor(context, [target.countedAs, ...counted.byAddress], async () => {
      const found = await factor.look(context, input, target, counted.rank);
      if (isUnproven(found)) return found;
      return begin((tx) => confirmFactor(context, tx, factor, target.sub, found), counted);
    });
    if (!isUnproven(outcome)) return outcome;
    await countFailure(context, attempt, counted, outcome.reason);
    return refused('invalid', outcome.reason);
  } catch (error) {
    if (!(error instanceof QueueFullError)) throw error;
    return refused('busy', 'hash_queue_full', error.retryAfterSeconds);
  }
}

/** The user may have been disabled since the attempt began (A070). Throws where the factor proved another user or method. */
async function confirmFactor<Found extends object>(
  context: FactorContext,
  tx: Tx,
  factor: ProvableFactor<never, never, Found>,
  sub: string | undefined,
  found: Found,
): Promise<PersonProof | Unproven> {
  const user = sub === undefined ? undefined : await findUser(tx, sub);
  if (!user) return unproven('unknown_user');
  if (user.disabled_at !== null) return unproven('user_disabled');
  const proof = await factor.confirm(context, tx, user.sub, found);
  if (isUnproven(proof)) return proof;
  const isItsOwn =
    isPersonProof(proof) &&
    proof.sub === user.sub &&
    proof.amr.every((method) => factor.amr.includes(method));
  if (!isItsOwn) throw new Error(`the factor ${factor.name} proved what it was not asked for`);
  return proof;
}

function refused(error: ProofRefusal['error'], reason: Reason, retryAfterSeconds = 0): ProofRefusal {
  return { ...refuse(error, reason, 'signing in was refused'), retryAfterSeconds };
}
