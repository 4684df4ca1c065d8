/** A step that forgets to say whether it is needed, beside one that does not. Compiled by ../forgetful.test.ts. */
import { z } from 'zod';
import type { Confirmed } from '../../../src/oauth/authorization/confirm-in-transaction.ts';
import type { Situation } from '../../../src/oauth/authorization/situation-for-next-step.ts';
import { decisionIn } from '../../../src/oauth/authorization/steps/consent.ts';
import { NOTHING_NEEDED, needed, type PersonStep } from '../../../src/oauth/authorization/steps/step.ts';

const shape = {
  name: 'terms',
  about: 'person',
  page: 'terms',
  done: z.object({}),
  errorWhenSilent: 'interaction_required',
  reasons: ['not_consented'],
} as const;

export const careful: PersonStep = {
  ...shape,
  needed: (situation) => (decisionIn(situation) === 'allow' ? NOTHING_NEEDED : needed('not_consented')),
};

export const silent: PersonStep = {
  ...shape,
  // refused: TS2322
  needed: () => {},
};

export const forgetsTheLastLine: PersonStep = {
  ...shape,
  // refused: TS2322 TS7030
  needed({ session }) {
    if (!session) return needed('not_consented');
  },
};

export const answersWithUndefined: PersonStep = {
  ...shape,
  // refused: TS2322
  needed: ({ session }) => (session ? undefined : needed('not_consented')),
};

export const saysNothingInAnotherWord: PersonStep = {
  ...shape,
  // refused: TS2322
  needed: () => 'nothing',
};

export function confirmsForItself(situation: Situation): Situation | Confirmed {
  // refused: TS2739
  const confirmed: Confirmed = situation;
  return confirmed;
}
