/** A step that forgets to say whether it is needed, beside one that does not. Compiled by ../forgetful.test.ts. */
import type { Confirmed } from '../../../src/oauth/authorization/confirmation.ts';
import {
  NOTHING_NEEDED,
  needed,
  type Situation,
  type Step,
} from '../../../src/oauth/authorization/steps/step.ts';

const shape = {
  name: 'terms',
  page: 'terms',
  errorWhenSilent: 'interaction_required',
  reasons: ['not_consented'],
} as const;

export const careful: Step = {
  ...shape,
  needed: ({ interaction }) => (interaction?.decision === 'allow' ? NOTHING_NEEDED : needed('not_consented')),
};

export const silent: Step = {
  ...shape,
  // refused: TS2322
  needed: () => {},
};

export const forgetsTheLastLine: Step = {
  ...shape,
  // refused: TS2322 TS7030
  needed({ interaction }) {
    if (!interaction) return needed('not_consented');
  },
};

export const answersWithUndefined: Step = {
  ...shape,
  // refused: TS2322
  needed: ({ interaction }) => (interaction ? undefined : needed('not_consented')),
};

export const saysNothingInAnotherWord: Step = {
  ...shape,
  // refused: TS2322
  needed: () => 'nothing',
};

export function confirmsForItself(situation: Situation): Situation | Confirmed {
  // refused: TS2739
  const confirmed: Confirmed = situation;
  return confirmed;
}
