import type { ClientUnderTest } from './client.ts';
import type { StepName } from './steps.ts';

export interface Result {
  readonly client: ClientUnderTest;
  /** Undefined where the client has no means for the step. */
  readonly steps: Readonly<Partial<Record<StepName, 'passed' | 'failed'>>>;
  /** Why it was not run at all. */
  readonly skipped?: string;
  /** How it asked: what the audit log saw. */
  readonly sent?: string;
}

export function hasPassed({ steps, skipped }: Result): boolean {
  return skipped === undefined && Object.values(steps).every((step) => step === 'passed');
}
