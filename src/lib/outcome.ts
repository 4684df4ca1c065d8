/** How a function reports a refusal, and that a check passed. */
import type { Reason } from './refusal-reason.ts';

/**
 * A refusal is returned, an unexpected error is thrown: what the transaction wrote is committed although the request is
 * refused. `error` is the registered code, `description` the sentence that may be sent, `reason` the stable word for log,
 * audit and tests.
 */
export interface Refusal<Code extends string = string> {
  readonly refused: true;
  readonly error: Code;
  readonly reason: Reason;
  readonly description: string;
  /** The values that were compared, only for log and audit. */
  readonly about?: Readonly<Record<string, string>> | undefined;
  /** Set where a later attempt may succeed. */
  readonly retryAfterSeconds?: number | undefined;
}

/** Makes a refusal. */
export function refuse<Code extends string>(error: Code, reason: Reason, description: string): Refusal<Code> {
  return { refused: true, error, reason, description };
}

/** Distinguishes a refusal from a result and narrows the type. */
export function isRefusal<Outcome>(
  outcome: Outcome,
): outcome is Outcome & (unknown extends Outcome ? Refusal : Extract<Outcome, Refusal>) {
  return typeof outcome === 'object' && outcome !== null && 'refused' in outcome && outcome.refused === true;
}

/** The result of a check that passed: a check that returns nothing has not passed. */
export const PASSED = 'passed';

/** What a check says: the word, or what is against it. */
export type Checked<Fault> = typeof PASSED | Fault;

/** Runs the checks in order; the first fault, or {@link PASSED} if all passed. */
export function checkInOrder<Fault>(...checks: readonly (() => Checked<Fault>)[]): Checked<Fault> {
  for (const check of checks) {
    const outcome = check();
    if (outcome !== PASSED) return outcome;
  }
  return PASSED;
}

/** {@link checkInOrder} for checks that wait, such as those that read in a transaction: one begins when the last passed. */
export async function awaitInOrder<Fault>(
  ...checks: readonly (() => Promise<Checked<Fault>>)[]
): Promise<Checked<Fault>> {
  for (const check of checks) {
    const outcome = await check();
    if (outcome !== PASSED) return outcome;
  }
  return PASSED;
}
