/** A rule of authorization requests that forgets to say whether it passed, beside one that does not. Compiled by ../forgetful.test.ts. */
import { PASSED, refuse } from '../../../src/lib/outcome.ts';
import type { Rule } from '../../../src/oauth/authorization/rules/rule.ts';

const tooLong = () => refuse('invalid_request', 'parameter_too_long', 'nonce is too long');

export const careful: Rule = {
  name: 'nonce_length',
  authorize: true,
  check: ({ parameters }) => ((parameters.get('nonce')?.length ?? 0) > 10 ? tooLong() : PASSED),
};

export const silent: Rule = {
  name: 'silent',
  authorize: true,
  // refused: TS2322
  check: () => {},
};

export const forgetsTheLastLine: Rule = {
  name: 'forgets',
  authorize: true,
  // refused: TS2322 TS7030
  check({ parameters }) {
    if (parameters.get('nonce') === undefined) return tooLong();
  },
};

export const answersWithUndefined: Rule = {
  name: 'undefined',
  authorize: true,
  // refused: TS2322
  check: ({ parameters }) => (parameters.get('nonce') === undefined ? undefined : tooLong()),
};

export const forgetsToWait: Rule = {
  name: 'later',
  authorize: true,
  // refused: TS2322
  check: async () => {},
};

// refused: TS2322
export const forgetsAColumn: Rule = { name: 'no column', check: () => PASSED };
