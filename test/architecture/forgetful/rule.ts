/** A rule of authorization requests that forgets to say whether it passed, beside one that does not. Compiled by ../forgetful.test.ts. */
import { PASSED, refuse } from '../../../src/lib/outcome.ts';
import type { RequestKind, Rule } from '../../../src/oauth/authorization/rules/rule.ts';
import { EVERY_KIND } from '../../support/every-kind.ts';

const tooLong = () => refuse('invalid_request', 'parameter_too_long', 'nonce is too long');

export const careful: Rule = {
  name: 'nonce_length',
  ...EVERY_KIND,
  check: ({ parameters }) => ((parameters.get('nonce')?.length ?? 0) > 10 ? tooLong() : PASSED),
};

export const silent: Rule = {
  name: 'silent',
  ...EVERY_KIND,
  // refused: TS2322
  check: () => {},
};

export const forgetsTheLastLine: Rule = {
  name: 'forgets',
  ...EVERY_KIND,
  // refused: TS2322 TS7030
  check({ parameters }) {
    if (parameters.get('nonce') === undefined) return tooLong();
  },
};

export const answersWithUndefined: Rule = {
  name: 'undefined',
  ...EVERY_KIND,
  // refused: TS2322
  check: ({ parameters }) => (parameters.get('nonce') === undefined ? undefined : tooLong()),
};

export const forgetsToWait: Rule = {
  name: 'later',
  ...EVERY_KIND,
  // refused: TS2322
  check: async () => {},
};

// refused: TS2322
export const forgetsAColumn: Rule = { name: 'no column', check: () => PASSED };

// refused: TS2322
export const forgetsANewKind: Rule<RequestKind | 'toy'> = careful;
