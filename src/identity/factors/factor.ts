/** A factor: a way for users to prove their identity. ASVS V6.3.3 */
import type { Checked, Refusal } from '../../lib/outcome.ts';
import type { Reader, Tx } from '../../storage/database.ts';
import type { Aim } from '../attempts/count-sign-in-attempt.ts';
import type { ThrottlePolicy } from '../attempts/throttle-policies.ts';
import type { FactorContext } from '../context.ts';
import type { PersonProof, Unproven } from '../proof-user-was-authenticated.ts';

export interface Factor {
  /** Stable: it is stored and logged. */
  readonly name: string;
  /** The methods that it may add to a sign-in; a level of `assurance.ts` may name them. RFC 8176 */
  readonly amr: readonly string[];
  /** The name of the step, and of the page, that asks for it: a server whose tables lack one of them does not start. */
  readonly step: string;
  /** `first` identifies the user; `second` is asked for after that, of every user who has it enrolled. */
  readonly comes: 'first' | 'second';
  /** How many attempts at one user are checked. */
  readonly guesses: ThrottlePolicy;
  /** Whether the user has this factor. */
  isEnrolled(db: Reader, sub: string): Promise<boolean>;
}

/** The account that an attempt is for, and the stored value to compare with. */
export interface Target<Held> extends Aim {
  readonly held: Held;
}

/** A factor that can be proven. `Input` is what the user typed, `Found` the stored value that it matched. */
export interface ProvableFactor<Input, Held, Found extends object> extends Factor {
  /**
   * Checks the input, outside of any transaction. Takes the same time for an unknown user. `rank`: the number of attempts
   * counted so far; where many wait, the lowest rank is served first. Throws QueueFullError.
   */
  look(context: FactorContext, input: Input, target: Target<Held>, rank: number): Promise<Found | Unproven>;
  /** Whether the match still holds, in the transaction that acts on it; spends a one-time value. */
  confirm(context: FactorContext, tx: Tx, sub: string, found: Found): Promise<PersonProof | Unproven>;
}

/** A factor that a sign-in begins with. */
export interface FirstFactor<Input, Held, Found extends object> extends ProvableFactor<Input, Held, Found> {
  readonly comes: 'first';
  /** Refuses input that cannot match any user; it is not counted. */
  check(input: Input): Checked<Refusal<'invalid'>>;
  /** The account that the input is for. Only reads. */
  find(context: FactorContext, input: Input, deviceCookie: string | undefined): Promise<Target<Held>>;
  /** Throws QueueFullError where the queue has no place for this rank, so that the attempt need not be counted. */
  refuseFull(context: FactorContext, rank: number): void;
}

/** A factor that is asked for after a first one. */
export interface SecondFactor<Input, Found extends object> extends ProvableFactor<Input, undefined, Found> {
  readonly comes: 'second';
}
