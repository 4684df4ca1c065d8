/** A binding that forgets what was shown, beside one that does not. Compiled by ../forgetful.test.ts. */
import { headerOf } from '../../../src/oauth/back-channel-request.ts';
import type { Binding } from '../../../src/oauth/bindings/binding.ts';
import { type KeyShown, keyShown, NOT_SHOWN } from '../../../src/oauth/bindings/shown-key-evidence.ts';
import { NOTHING_TO_SPEND } from '../../../src/oauth/spend-jtis.ts';

const shape = { name: 'toy', member: 'toy' } as const;

export const careful: Binding = {
  ...shape,
  prove: (_context, { request }) =>
    headerOf(request, 'toy') === undefined ? NOT_SHOWN : keyShown('toy', NOTHING_TO_SPEND),
};

export const silent: Binding = {
  ...shape,
  // refused: TS2322
  prove: () => {},
};

export const forgetsTheLastLine: Binding = {
  ...shape,
  // refused: TS2322 TS7030
  prove(_context, { request }) {
    if (headerOf(request, 'toy') === undefined) return NOT_SHOWN;
  },
};

export const forgetsWhatIsToBeSpent: Binding = {
  ...shape,
  // refused: TS2554
  prove: () => keyShown('toy'),
};

// refused: TS2741
export const forgetsItsMember: Binding = { name: 'toy', prove: careful.prove };

export function isItsOwnKey(): KeyShown {
  // refused: TS2741
  return { value: 'toy', toSpend: NOTHING_TO_SPEND };
}
