import type { Reason } from '../lib/reason.ts';

/** What one who signs in proved. A session begins with it and with nothing else. ASVS V7.2.1 */
const isProof: unique symbol = Symbol('person proven');

/** Somebody is who they say. Made by {@link personProven} alone. */
export interface PersonProof {
  readonly [isProof]: true;
  readonly sub: string;
  /** The methods by which they proved it. RFC 8176 */
  readonly amr: readonly string[];
}

/** Nobody is proven by it. */
export interface Unproven {
  /** Stable, for audit and tests. */
  readonly reason: Reason;
}

/** To be said last, when every check has been made. */
export function personProven(sub: string, amr: readonly string[]): PersonProof {
  return { [isProof]: true, sub, amr };
}

/** Says why nobody is proven. */
export function unproven(reason: Reason): Unproven {
  return { reason };
}

/** The proof of a further factor, with the methods of those before it, each once. */
export function provenBesides(amr: readonly string[], proof: PersonProof): PersonProof {
  return { ...proof, amr: [...new Set([...amr, ...proof.amr])] };
}

/** Whether it is a proof; at run time too, nothing but what {@link personProven} made is one. */
export function isPersonProof(outcome: object): outcome is PersonProof {
  return isProof in outcome;
}

/** Whether it says that nobody is proven. Throws where nothing was said. */
export function isUnproven(outcome: object): outcome is Unproven {
  return 'reason' in outcome;
}
