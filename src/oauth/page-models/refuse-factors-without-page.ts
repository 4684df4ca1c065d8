/** Every factor leads to a page: the pages of a sign-in that lacks it, and of an app that wants it. */
import type { Factor } from '../../identity/factors/factor.ts';
import { factors } from '../../identity/factors/index.ts';
import { steps } from '../authorization/steps/index.ts';

/**
 * Throws where a factor names a step that is not in the table, or that has no page of its name: a user who knows the
 * password could not continue. `paths`: those of all pages.
 */
export function refuseFactorsWithoutPage(
  paths: readonly string[],
  among: readonly Pick<Factor, 'name' | 'step'>[] = factors,
): void {
  for (const { name, step } of among) {
    if (steps.find((one) => one.name === step)?.page !== step)
      throw new Error(
        `the factor ${name} names the step ${step}: there is no step of that name with a page of that name`,
      );
    if (!paths.includes(`/${step}`))
      throw new Error(`the factor ${name} names the step ${step}: there is no page /${step}`);
  }
}
