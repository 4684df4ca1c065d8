import { consent } from './consent.ts';
import { login } from './login.ts';
import { stepsOfSecondFactors } from './second-factor-steps.ts';
import { selectAccount } from './select-account.ts';
import type { Step } from './step.ts';

/** What must have happened before an authorization response, in order. */
export const steps: readonly Step[] = [selectAccount, login, ...stepsOfSecondFactors, consent];
