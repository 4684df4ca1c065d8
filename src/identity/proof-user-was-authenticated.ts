import type { Reason } from '../lib/refusal-reason.ts';

/** Marks a proof of identity. A session begins only with one. ASVS V7.2.1 */
const isProof: unique symbol = Symbol('person proven');

/** The user `sub` proved their identity. Made only by {@link personProven}. */
export interface PersonProof {
  readonly [isProof]: true;
  readonly sub: string;
  /** The methods that were used. RFC 8176 */
  readonly amr: readonly string[];
}

/** No user was proven. */
export interface Unproven {
  /** Stable, for audit and tests. */
  readonly reason: Reason;
}

/** Makes a proof. Call it last, after every check. */
export function personProven(sub: string, amr: readonly string[]): PersonProof {
  return { [isProof]: true, sub, amr };
}

/** Says why no user was proven. */
export function unproven(reason: Reason): Unproven {
  return { reason };
}

/** The proof of a further factor, with the methods `amr` of the factors before it, each once. */
export function provenBesides(amr: readonly string[], proof: PersonProof): PersonProof {
  return { ...proof, amr: [...new Set([...amr, ...proof.amr])] };
}

/** Whether it is a proof; also at run time, only {@link personProven} makes one. */
export function isPersonProof(outcome: object): outcome is PersonProof {
  return isProof in outcome;
}

/** Whether it says that no user was proven. Throws for undefined. */
export function isUnproven(outcome: object): outcome is Unproven {
  return 'reason' in outcome;
}
