import type { Reason } from '../../src/lib/reason.ts';

/** As if src/lib/reasons.json explained it. */
export const toyReason = (word: string): Reason => word as Reason;
