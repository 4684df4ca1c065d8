/** What comes of a client's credentials. A proof is made by the comparisons of this file alone: who compares nothing has none. */
import { equalInConstantTime } from '../../../lib/constant-time.ts';
import { refuse } from '../../../lib/outcome.ts';
import type { Reason } from '../../../lib/refusal-reason.ts';
import { sha256 } from '../../../lib/sha256-and-hmac.ts';
import { NOTHING_TO_SPEND, type Spendable, spendable } from '../../spend-jtis.ts';
import type { Client } from '../client.ts';
import { type RegisteredClaims, SKEW_SECONDS, type VerifiedClientJwt } from '../verify-client-jwt.ts';

const isProof: unique symbol = Symbol('proven');
const NO_SECRET = sha256('');
const replayed = refuse('invalid_client', 'assertion_replayed', 'the assertion was used before');

/** The credentials are the client's. Made by the functions of this file alone. */
export interface Proven {
  readonly [isProof]: true;
  readonly client: Client;
  /** What of them is good for once: a proof that counts when it is spent. */
  readonly toSpend: readonly Spendable[];
}

/** The credentials prove nothing. */
export interface Unproven {
  /** Stable, for log, audit and tests. */
  readonly reason: Reason;
}

/** What a method says of the credentials. */
export type Verdict = Proven | Unproven;

function proven(client: Client, toSpend: readonly Spendable[]): Proven {
  return { [isProof]: true, client, toSpend };
}

/** Says why they prove nothing. */
export function unproven(reason: Reason): Unproven {
  return { reason };
}

/** What was presented, as it may be meant, and the SHA-256 of each that is the client's now. */
export interface ComparedSecrets {
  readonly presented: readonly string[];
  readonly hashes: readonly string[];
  /** Where none is equal. */
  readonly otherwise: Reason;
}

/** Compares in constant time, and for as long where there is no client or it has no secret. It may be shown again. */
export function provenBySecret(
  client: Client | undefined,
  { presented, hashes, otherwise }: ComparedSecrets,
): Verdict {
  const compared = hashes.length > 0 ? hashes : [NO_SECRET];
  const isRight = presented
    .map(sha256)
    .some((secret) => compared.some((hash) => equalInConstantTime(secret, hash)));
  return client && isRight && hashes.length > 0 ? proven(client, NOTHING_TO_SPEND) : unproven(otherwise);
}

/** Without an id and an end it could not be spent: the rules that verified it required both. RFC 7523 §3 */
export type VerifiedAssertion = VerifiedClientJwt<RegisteredClaims, 'exp' | 'jti'>;

/** A043: each assertion once, wherever it is shown. To be said last, of one that assertion-method.ts has judged. */
export function provenByAssertion({ client, claims: { jti, exp } }: VerifiedAssertion): Proven {
  const expiresAtMs = Math.ceil((exp + SKEW_SECONDS) * 1000);
  return proven(client, [spendable([client.client_id, jti], expiresAtMs, replayed)]);
}

/** RFC 6749 §2.1: a public client has nothing to prove itself with; any other is `wrong_method`. */
export function provenAsPublic(client: Client | undefined): Verdict {
  return client !== undefined && !client.confidential
    ? proven(client, NOTHING_TO_SPEND)
    : unproven('wrong_method');
}

/** What was proven, for the client as it is `now`: to be said where its method says that the proof holds. */
export function provenAnew(_before: Proven, now: Client): Proven {
  return proven(now, NOTHING_TO_SPEND);
}

/** Whether the verdict is a proof; at run time too, nothing but what this file made is one. */
export function isProven(verdict: Verdict): verdict is Proven {
  return isProof in verdict;
}
