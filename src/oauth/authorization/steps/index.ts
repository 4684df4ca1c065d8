import { factors } from '../../../identity/factors/index.ts';
import { consent } from './consent.ts';
import { login } from './login.ts';
import { stepOfFactor } from './second-factor.ts';
import { selectAccount } from './select-account.ts';
import type { Step } from './step.ts';

const ofSecondFactors = factors.filter(({ comes }) => comes === 'second').map(stepOfFactor);

/** What must have happened before an authorization response, in order. */
export const steps: readonly Step[] = [selectAccount, login, ...ofSecondFactors, consent];
