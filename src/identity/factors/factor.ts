/** A way to prove who one is. ASVS V6.3.3 */
import type { Checked, Refusal } from '../../lib/outcome.ts';
import type { Reader, Tx } from '../../storage/database.ts';
import type { Aim } from '../attempts/counted-attempt.ts';
import type { ThrottlePolicy } from '../attempts/throttling.ts';
import type { FactorContext } from '../context.ts';
import type { PersonProof, Unproven } from '../person-proof.ts';

export interface Factor {
  /** Stable, for storage and log. */
  readonly name: string;
  /** What it adds to the methods of a sign-in at most; a level of `assurance.ts` may name them. RFC 8176 */
  readonly amr: readonly string[];
  /** The name of the step, and of the page, that asks for it: a server whose tables lack one of them does not start. */
  readonly step: string;
  /** `first` says who somebody is; `second` is asked for after that, of everybody who has it enrolled. */
  readonly comes: 'first' | 'second';
  /** How many attempts at one person are looked at. */
  readonly guesses: ThrottlePolicy;
  /** Whether the person can be asked for it. */
  isEnrolled(db: Reader, sub: string): Promise<boolean>;
}

/** What an attempt is aimed at, and what it is compared with. */
export interface Target<Held> extends Aim {
  readonly held: Held;
}

/** How a factor is proven. `Input` is what the page was given, `Found` what was right about it. */
export interface ProvableFactor<Input, Held, Found extends object> extends Factor {
  /**
   * Looks at the input, outside of any transaction. Takes as long for a person who is not there. `rank`: how often whoever
   * asks was counted already; where many wait, who was counted least comes first. Throws QueueFullError.
   */
  look(context: FactorContext, input: Input, target: Target<Held>, rank: number): Promise<Found | Unproven>;
  /** Whether what was found still holds, in the transaction that acts on it; spends what is good once. */
  confirm(context: FactorContext, tx: Tx, sub: string, found: Found): Promise<PersonProof | Unproven>;
}

/** One that a sign-in begins with. */
export interface FirstFactor<Input, Held, Found extends object> extends ProvableFactor<Input, Held, Found> {
  readonly comes: 'first';
  /** Refuses what can be nobody's; it is not counted. */
  check(input: Input): Checked<Refusal<'invalid'>>;
  /** Whom the input is about. Reads alone. */
  find(context: FactorContext, input: Input, deviceCookie: string | undefined): Promise<Target<Held>>;
  /** Throws QueueFullError where an attempt of this rank would have no place: it need not be counted. */
  refuseFull(context: FactorContext, rank: number): void;
}

/** One that is asked for after a first. */
export interface SecondFactor<Input, Found extends object> extends ProvableFactor<Input, undefined, Found> {
  readonly comes: 'second';
}
