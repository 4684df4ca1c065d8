/** A grant that forgets to refuse, to spend or to prove, beside one that does not. Compiled by ../forgetful.test.ts. */
import { z } from 'zod';
import { clientItself, type GrantProof, grantProven, type Proof } from '../../../src/oauth/grant-proof.ts';
import { defineGrant } from '../../../src/oauth/grants/grant.ts';

const shape = {
  grantType: 'urn:example:toy',
  forUser: true,
  confidentialOnly: false,
  selfRegistered: false,
  parameters: z.object({ toy: z.string() }),
} as const;

const row: { grant_id?: string } = {};

export const careful = defineGrant({
  ...shape,
  look: async (_context, _client, { toy }) => ({ toy }),
  spend: async (_context, _tx, { toy }) => grantProven(toy),
});

export const looksAtNothing = defineGrant({
  ...shape,
  // refused: TS2322
  look: async () => {},
  spend: async () => grantProven('somebody'),
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
  spend: async () => grantProven('somebody'),
  proof: () => grantProven('somebody'),
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
  proof: () => grantProven('somebody'),
});

export function hasNoGrant(): GrantProof {
  // refused: TS2345
  return grantProven(row.grant_id);
}

export function isItsOwnProof(): Proof {
  // refused: TS2322
  return { kind: 'client' };
}
