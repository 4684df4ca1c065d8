/** A member of what is asked that forgets to compare, and a page that forgets to show one. Compiled by ../forgetful.test.ts. */

import { accessTo } from '../../../src/oauth/access/access-set-operations.ts';
import type { Access } from '../../../src/oauth/access/members/access-of-all-members.ts';
import type { AccessMember } from '../../../src/oauth/access/members/member.ts';
import type { Asked } from '../../../src/oauth/authorization/authorization-request-types.ts';

export const careful: AccessMember<string> = {
  parse: (stored) => stored as readonly string[],
  write: (items) => items,
  isSame: (one, other) => one === other,
  describe: (items) => items,
  isAudited: true,
};

export const silent: AccessMember<string> = {
  ...careful,
  // refused: TS2322
  isSame: () => {},
};

export const forgetsTheLastLine: AccessMember<string> = {
  ...careful,
  // refused: TS2322 TS7030
  isSame(one, other) {
    if (one === other) return true;
  },
};

const { isSame: _compares, ...others } = careful;
// refused: TS2741
export const cannotCompare: AccessMember<string> = others;

/** What a page shows of each member: one more in the table is one more here. */
type Shown = Record<keyof Access | 'toys', unknown>;
const { scope, resources, claims } = accessTo({ scope: ['openid'] });
// refused: TS2741
export const shown = { scope, resources, claims } satisfies Shown;

// refused: TS2741
export const asksForPartOfIt: Asked['access'] = { scope: ['openid'], resources: [] };
