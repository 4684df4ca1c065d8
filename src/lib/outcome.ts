/** How a function says that it refuses, and that it does not. */
import type { Reason } from './reason.ts';

/**
 * A refusal is returned, an accident is thrown: what a transaction wrote stays although the request is refused.
 * `error` is the registered code, `description` the sentence that may be said, `reason` the stable word for
 * log, audit and tests.
 */
export interface Refusal<Code extends string = string> {
  readonly refused: true;
  readonly error: Code;
  readonly reason: Reason;
  readonly description: string;
  /** What was compared, for log and audit alone. */
  readonly about?: Readonly<Record<string, string>> | undefined;
  /** Where it passes by itself. */
  readonly retryAfterSeconds?: number | undefined;
}

/** Makes a refusal. */
export function refuse<Code extends string>(error: Code, reason: Reason, description: string): Refusal<Code> {
  return { refused: true, error, reason, description };
}

/** Tells a refusal from a result, and leaves each its own type. */
export function isRefusal<Outcome>(
  outcome: Outcome,
): outcome is Outcome & (unknown extends Outcome ? Refusal : Extract<Outcome, Refusal>) {
  return typeof outcome === 'object' && outcome !== null && 'refused' in outcome && outcome.refused === true;
}

/** The word of a check that has nothing against it: a check that says nothing has not passed. */
export const PASSED = 'passed';

/** What a check says: the word, or what is against it. */
export type Checked<Fault> = typeof PASSED | Fault;

/** What the first check says that does not pass, in their order, or the word that all of them passed. */
export function checkInOrder<Fault>(...checks: readonly (() => Checked<Fault>)[]): Checked<Fault> {
  for (const check of checks) {
    const outcome = check();
    if (outcome !== PASSED) return outcome;
  }
  return PASSED;
}
