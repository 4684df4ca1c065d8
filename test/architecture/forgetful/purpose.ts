/** A purpose that forgets how something ends, beside one that does not. Compiled by ../forgetful.test.ts. */

import type { AskedRequest } from '../../../src/oauth/authorization/authorization-request-types.ts';
import { definePurpose, type Outcome } from '../../../src/oauth/authorization/purposes/purpose.ts';

const end: Outcome = { kind: 'own_page', path: '/account' };

const shape = {
  name: 'toy',
  write: (request: AskedRequest) => JSON.stringify(request),
  read: (text: string) => ({ request: JSON.parse(text) as AskedRequest, metadata_hash: undefined }),
  complete: async () => end,
  outOfReach: () => end,
  otherUser: () => end,
  silent: () => end,
};

export const careful = definePurpose<AskedRequest>({ ...shape, denied: () => end });

// refused: TS2741
export const forgetsTheDenial = definePurpose<AskedRequest>(shape);

// refused: TS2322
export const saysNothingToADenial = definePurpose<AskedRequest>({ ...shape, denied: () => {} });
