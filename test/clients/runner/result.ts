import type { ClientUnderTest } from './client.ts';
import type { StepName } from './steps.ts';

/** Without the steps for which the client has no means. */
export type Outcome = { readonly [name in StepName]?: 'passed' | 'failed' };

export interface Result {
  readonly client: ClientUnderTest;
  readonly steps: Outcome;
  /** Why it was not run at all. */
  readonly skipped?: string;
  /** How it asked: what the audit log saw. */
  readonly sent?: string;
}

export function hasPassed({ steps, skipped }: Result): boolean {
  return skipped === undefined && Object.values(steps).every((step) => step === 'passed');
}
