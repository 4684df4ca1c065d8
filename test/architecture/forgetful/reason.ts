/** A refusal whose reason nobody explained, beside one that is. Compiled by ../forgetful.test.ts. */
import { refuse } from '../../../src/lib/outcome.ts';
import { OAuthError } from '../../../src/oauth/errors.ts';

export const careful = refuse('invalid_grant', 'wrong_code_verifier', 'the code is not valid');

// refused: TS2345
export const misspelt = refuse('invalid_grant', 'wrong_code_verifer', 'the code is not valid');

// refused: TS2345
export const unexplained = new OAuthError('invalid_grant', 'terms_not_accepted', 'the code is not valid');

export const composed = (word: string) =>
  // refused: TS2345
  refuse('invalid_grant', `wrong_${word}`, 'the code is not valid');
