/** A client authentication method that forgets its verdict, beside one that does not. Compiled by ../forgetful.test.ts. */
import { authenticate } from '../../../src/oauth/clients/authentication/authenticate.ts';
import type { ClientAuthenticationMethod } from '../../../src/oauth/clients/authentication/method.ts';
import { proven, unproven, type Verdict } from '../../../src/oauth/clients/authentication/verdict.ts';
import type { Client } from '../../../src/oauth/clients/client.ts';
import {
  type ClientJwt,
  type ClientJwtRules,
  type VerifiedClientJwt,
  verifyClientJwt,
} from '../../../src/oauth/clients/client-jwt.ts';
import { admit } from '../../../src/oauth/gate.ts';
import { NOTHING_TO_SPEND, type Spendable } from '../../../src/oauth/spend-once.ts';

const shape = {
  name: 'toy_secret',
  claimedBy: ({ parameters }) => parameters.get('client_id'),
  holds: () => false,
} satisfies Pick<ClientAuthenticationMethod, 'name' | 'claimedBy' | 'holds'>;

export const careful: ClientAuthenticationMethod = {
  ...shape,
  verify: (_context, client) => (client ? proven(client, NOTHING_TO_SPEND) : unproven('unknown_client')),
};

export const silent: ClientAuthenticationMethod = {
  ...shape,
  // refused: TS2322
  verify: () => {},
};

export const forgetsTheLastLine: ClientAuthenticationMethod = {
  ...shape,
  // refused: TS2322 TS7030
  async verify(_context, client) {
    if (!client) return unproven('unknown_client');
  },
};

export const answersWithUndefined: ClientAuthenticationMethod = {
  ...shape,
  // refused: TS2322
  verify: (_context, client) => (client ? undefined : unproven('unknown_client')),
};

export const lookedForNobody: ClientAuthenticationMethod = {
  ...shape,
  // refused: TS2345
  verify: (_context, client) => proven(client, NOTHING_TO_SPEND),
};

export const forgetsWhatIsToBeSpent: ClientAuthenticationMethod = {
  ...shape,
  // refused: TS2554
  verify: (_context, client) => (client ? proven(client) : unproven('unknown_client')),
};

export const forgetsToHold: ClientAuthenticationMethod = {
  ...shape,
  verify: careful.verify,
  // refused: TS2322
  holds: () => {},
};

export function isItsOwnJudge(client: Client): Verdict {
  // refused: TS2741
  const proof: Extract<Verdict, { client: Client }> = { client, toSpend: NOTHING_TO_SPEND };
  return proof;
}

export function isItsOwnSpendable(row: Omit<Spendable, symbol>): Spendable {
  // refused: TS2741
  return { jti_key: row.jti_key, expires_at: row.expires_at, replayed: row.replayed };
}

export function takesTheWordOfAJwt(client: Client, jwt: ClientJwt): VerifiedClientJwt {
  // refused: TS2741
  return { ...jwt, client };
}

export async function verifies(...asked: Parameters<typeof verifyClientJwt>): Promise<VerifiedClientJwt> {
  // refused: TS2322
  return verifyClientJwt(...asked);
}

export function forgetsWhetherItMustEnd(rules: ClientJwtRules): ClientJwtRules {
  const { exp: _, ...presence } = rules.presence;
  // refused: TS2741
  return { ...rules, presence };
}

export function forgetsHowOldItMayBe({ oldestSeconds: _, ...rules }: ClientJwtRules): ClientJwtRules {
  // refused: TS2741
  return rules;
}

type Asked = Parameters<typeof authenticate>;
type GateRequest = Parameters<typeof admit>[2];

export async function asksWhoItIs([context, attempt]: Asked, asked: Omit<GateRequest, 'caller'>) {
  return admit(context, context.db, { ...asked, caller: await authenticate(context, attempt) });
}

export function believesTheClient([context]: Asked, client: Client, asked: Omit<GateRequest, 'caller'>) {
  // refused: TS2740
  return admit(context, context.db, { ...asked, caller: client });
}
