/** A grant that forgets to refuse, to spend or to prove, beside one that does not. Compiled by ../forgetful.test.ts. */
import { z } from 'zod';
import { refuse } from '../../../src/lib/outcome.ts';
import {
  clientItself,
  type GrantProof,
  grantProven,
  grantProvenWithoutSpending,
  type Proof,
} from '../../../src/oauth/grant-proof.ts';
import { defineGrant } from '../../../src/oauth/grants/grant-type-interface.ts';
import { type FirstUse, startProvenGrant } from '../../../src/oauth/grants/start-grant-at-first-use.ts';
import type { Spent } from '../../../src/storage/spend-row.ts';
import { consumeOneTime } from '../../../src/storage/tables/one-time.ts';

const shape = {
  grantType: 'urn:example:toy',
  forUser: true,
  confidentialOnly: false,
  selfRegistered: false,
  parameters: z.object({ toy: z.string() }),
} as const;

const row: { grant_id?: string } = {};
const unknown = () => refuse('invalid_grant', 'unknown_code', 'the toy is unknown or spent');

export const careful = defineGrant({
  ...shape,
  look: async (_context, _client, { toy }) => ({ toy }),
  async spend({ clock }, tx, { toy }) {
    const spent = await consumeOneTime(tx, 'code', toy, clock.nowMs());
    return spent ? grantProven(spent, toy) : unknown();
  },
});

export const forgetsToSpend = defineGrant({
  ...shape,
  look: async (_context, _client, { toy }) => ({ toy }),
  // refused: TS2554
  spend: async (_context, _tx, { toy }) => grantProven(toy),
});

export const forgetsToSpendBeforeTheStart = defineGrant({
  ...shape,
  look: async (_context, client, { toy }) => ({ grantId: toy, client, shown: undefined, nonce: undefined }),
  // refused: TS2741
  spend: (context, tx, found) => startProvenGrant(context, tx, found),
});

export const forgetsWhetherItWasSpent = defineGrant({
  ...shape,
  look: async (_context, _client, { toy }) => ({ toy }),
  async spend({ clock }, tx, { toy }) {
    const spent = await consumeOneTime(tx, 'code', toy, clock.nowMs());
    // refused: TS2345
    return grantProven(spent, toy);
  },
});

export function saysThatItSpent(use: Omit<FirstUse, 'spent'>): FirstUse {
  // refused: TS2322
  return { ...use, spent: true };
}

export function isItsOwnSpent(): Spent {
  // refused: TS2741
  return {};
}

export const looksAtNothing = defineGrant({
  ...shape,
  // refused: TS2322
  look: async () => {},
  spend: async () => grantProvenWithoutSpending('somebody'),
});

export const spendsInSilence = defineGrant({
  ...shape,
  look: async () => ({}),
  // refused: TS2322
  spend: async () => {},
});

// refused: TS2345
export const neitherSpendsNorProves = defineGrant({
  ...shape,
  look: async () => ({}),
});

// refused: TS2345
export const spendsAndProves = defineGrant({
  ...shape,
  look: async () => ({}),
  spend: async () => grantProvenWithoutSpending('somebody'),
  proof: () => grantProvenWithoutSpending('somebody'),
});

// refused: TS2345
export const isForThePersonAsTheClient = defineGrant({
  ...shape,
  look: async () => ({}),
  proof: () => clientItself(),
});

// refused: TS2345
export const forgetsWhoMayUseIt = defineGrant({
  grantType: shape.grantType,
  forUser: true,
  parameters: shape.parameters,
  look: async () => ({}),
  proof: () => grantProvenWithoutSpending('somebody'),
});

export function hasNoGrant(spent: Spent): GrantProof {
  // refused: TS2345
  return grantProven(spent, row.grant_id);
}

export function isItsOwnProof(): Proof {
  // refused: TS2322
  return { kind: 'client' };
}
