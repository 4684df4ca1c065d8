import type { Reason } from '../../src/lib/refusal-reason.ts';

/** A reason that src/lib/reasons.json does not have. */
export const toyReason = (word: string): Reason => word as Reason;
