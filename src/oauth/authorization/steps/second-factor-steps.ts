import { z } from 'zod';
import type { Factor } from '../../../identity/factors/factor.ts';
import { factors } from '../../../identity/factors/index.ts';
import { NOTHING_NEEDED, type PersonStep } from './step.ts';

/** What it stores: nothing, as the session has the methods that were proven. */
const stored = z.object({});

/** The step of a second factor. No request needs it by itself: it is shown to users whom it brings to the acr that is wanted. */
export function stepOfFactor({ step }: Pick<Factor, 'step'>): PersonStep<z.infer<typeof stored>> {
  return {
    name: step,
    about: 'person',
    page: step,
    errorWhenSilent: 'login_required',
    reasons: ['acr_not_reached'],
    done: stored,
    needed: () => NOTHING_NEEDED,
  };
}

/** Of the table of factors, in its order. */
export const stepsOfSecondFactors: readonly PersonStep[] = factors
  .filter(({ comes }) => comes === 'second')
  .map(stepOfFactor);
