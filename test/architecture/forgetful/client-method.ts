/** A client authentication method that forgets its verdict, beside one that does not. Compiled by ../forgetful.test.ts. */

import { assertionMethod } from '../../../src/oauth/clients/authentication/assertion-method.ts';
import { authenticate } from '../../../src/oauth/clients/authentication/authenticate.ts';
import { checkSecret } from '../../../src/oauth/clients/authentication/check-client-secret.ts';
import type { ClientAuthenticationMethod } from '../../../src/oauth/clients/authentication/method.ts';
import {
  provenAnew,
  provenAsPublic,
  provenByAssertion,
  provenBySecret,
  unproven,
  type Verdict,
  type VerifiedAssertion,
} from '../../../src/oauth/clients/authentication/prove-client-by-comparison.ts';
import type { Client } from '../../../src/oauth/clients/client.ts';
import {
  type ClientJwt,
  type ClientJwtKeys,
  type ClientJwtRules,
  type ClientJwtSigner,
  type Presences,
  PUBLIC_KEYS,
  type VerifiedClientJwt,
  verifyClientJwt,
} from '../../../src/oauth/clients/verify-client-jwt.ts';
import { admit } from '../../../src/oauth/gate-before-issuing.ts';
import { NOTHING_TO_SPEND, type Spendable } from '../../../src/oauth/spend-jtis.ts';

const shape = {
  name: 'toy_secret',
  credential: 'secret',
  claimedBy: ({ parameters }) => parameters.get('client_id'),
  holds: () => false,
} satisfies Omit<ClientAuthenticationMethod, 'verify'>;

export const careful: ClientAuthenticationMethod = {
  ...shape,
  verify: ({ clock }, client, { parameters }) =>
    checkSecret(client, [parameters.get('toy_secret') ?? ''], clock.nowMs()),
};

export const carefulSigner = assertionMethod({
  name: 'toy_jwt',
  credential: 'secret',
  algorithms: ['HS256'],
  keysOf: (client, nowMs) => ({ secrets: client.secrets.live(nowMs) }),
});

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

type ForNobody = Omit<VerifiedAssertion, 'client'> & { client: Client | undefined };

export const lookedForNobody: ClientAuthenticationMethod = {
  ...shape,
  // refused: TS2345
  verify: (_context, client) => provenByAssertion({ client } as ForNobody),
};

export const comparesNothing: ClientAuthenticationMethod = {
  ...shape,
  verify: (_context, client) =>
    // refused: TS2322
    client ? { client, toSpend: NOTHING_TO_SPEND } : unproven('unknown_client'),
};

export const forgetsWhatItComparesWith: ClientAuthenticationMethod = {
  ...shape,
  verify: (_context, client, { parameters }) =>
    // refused: TS2741
    provenBySecret(client, { presented: [parameters.get('toy_secret') ?? ''], otherwise: 'unknown_client' }),
};

export const dropsTheAnswerOfItsCheck: ClientAuthenticationMethod = {
  ...shape,
  // refused: TS2322
  verify({ clock }, client, { parameters }) {
    checkSecret(client, [parameters.get('toy_secret') ?? ''], clock.nowMs());
  },
};

export function forgetsItsCredential({
  credential: _,
  ...rest
}: ClientAuthenticationMethod): ClientAuthenticationMethod {
  // refused: TS2741
  return rest;
}

export const forgetsToHold: ClientAuthenticationMethod = {
  ...shape,
  verify: careful.verify,
  // refused: TS2322
  holds: () => {},
};

type Signed = Parameters<typeof verifyClientJwt>;
type RequiringBoth = ClientJwtRules<Presences & { readonly exp: 'required'; readonly jti: 'required' }>;

export async function dropsTheVerification([context, signer, jwt, rules]: Signed): Promise<Verdict> {
  await verifyClientJwt(context, signer, jwt, rules);
  const claims = { ...jwt.claims, exp: 1, jti: 'x' };
  // refused: TS2345
  return provenByAssertion({ ...jwt, claims, client: signer.client });
}

export async function takesAFaultForYes(
  [context, signer, jwt]: Signed,
  rules: RequiringBoth,
): Promise<Verdict> {
  // refused: TS2345
  return provenByAssertion(await verifyClientJwt(context, signer, jwt, rules));
}

export async function letsItHaveNoEnd([context, signer, jwt, rules]: Signed): Promise<Verdict> {
  const presence = { ...rules.presence, exp: 'optional', jti: 'required' } as const;
  const verified = await verifyClientJwt(context, signer, jwt, { ...rules, presence });
  if (typeof verified === 'string' || 'refused' in verified) return unproven('assertion_expired');
  // refused: TS2345
  return provenByAssertion(verified);
}

export async function letsItHaveNoId([context, signer, jwt, rules]: Signed): Promise<Verdict> {
  const presence = { ...rules.presence, exp: 'required', jti: 'optional' } as const;
  const verified = await verifyClientJwt(context, signer, jwt, { ...rules, presence });
  if (typeof verified === 'string' || 'refused' in verified) return unproven('assertion_without_jti');
  // refused: TS2345
  return provenByAssertion(verified);
}

export async function requiresBoth([context, signer, jwt]: Signed, rules: RequiringBoth): Promise<Verdict> {
  const verified = await verifyClientJwt(context, signer, jwt, rules);
  if (typeof verified === 'string' || 'refused' in verified) return unproven('assertion_expired');
  return provenByAssertion(verified);
}

export function saysItselfWhatIsSpent(verified: VerifiedAssertion): Verdict {
  // refused: TS2554
  return provenByAssertion(verified, NOTHING_TO_SPEND);
}

export function repeatsNoProof(client: Client): Verdict {
  // refused: TS2345
  return provenAnew(provenAsPublic(client), client);
}

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

export function signer(client: Client): ClientJwtSigner {
  return { client, keys: PUBLIC_KEYS };
}

export function forgetsWhatVerifies(client: Client): ClientJwtSigner {
  // refused: TS2741
  return { client };
}

export function forgetsThatSecretsEnd({ secrets }: Client): ClientJwtKeys {
  // refused: TS2740
  return { secrets };
}

export function forgetsTheAlgorithms({ algorithms: _, ...rules }: ClientJwtRules): ClientJwtRules {
  // refused: TS2741
  return rules;
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
