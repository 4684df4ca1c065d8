/**
 * A sign-in in which a first factor was proven and a second is asked for. It is not a session: it signs no user in, and no
 * query for a session finds it. ASVS V6.3.3, V7.2.4
 */
import type { RequestSource } from '../audit/request-source.ts';
import { isSecretValue, newSecretValue, storageKey } from '../lib/time-ordered-ids-and-secrets.ts';
import type { Reader, Tx } from '../storage/database.ts';
import {
  deleteSurplusPendingSignIns,
  findPendingSignIn as findPendingRow,
  insertPendingSignIn,
  takePendingSignIn,
} from '../storage/tables/pending-sign-ins.ts';
import type { IdentityContext } from './context.ts';
import type { Factor } from './factors/factor.ts';
import { factors } from './factors/index.ts';
import type { PersonProof } from './proof-user-was-authenticated.ts';

/** As long as an interaction. After this the user must begin again. */
export const PENDING_SECONDS = 600;

/** For one user; one more ends the oldest. */
const MOST_PENDING = 10;

export interface PendingSignIn {
  /** Any one of them completes it. */
  readonly lacks: readonly Factor[];
  /** For the cookie; only its hash is stored. */
  readonly cookieValue: string;
}

/** The second factors that the user has; one of them is asked for. */
export async function listLackingFactors(db: Reader, sub: string): Promise<readonly Factor[]> {
  const lacking: Factor[] = [];
  for (const factor of factors) {
    // Only an explicit false means that the factor is not needed; undefined does not.
    const isLacking = factor.comes === 'second' && (await factor.isEnrolled(db, sub)) !== false;
    if (isLacking) lacking.push(factor);
  }
  return lacking;
}

/** Stores the proof of the first factor, in the caller's transaction. */
export async function beginPendingSignIn(
  context: Pick<IdentityContext, 'audit' | 'clock' | 'random'>,
  tx: Tx,
  { proof, lacking, source }: { proof: PersonProof; lacking: readonly Factor[]; source: RequestSource },
): Promise<PendingSignIn> {
  const { sub } = proof;
  const cookieValue = newSecretValue(context.clock, context.random);
  const names = lacking.map(({ name }) => name);
  const row = {
    pending_key: storageKey(cookieValue),
    sub,
    amr: JSON.stringify(proof.amr),
    lacks: JSON.stringify(names),
    expires_at: context.clock.nowMs() + PENDING_SECONDS * 1000,
  };
  if (!(await insertPendingSignIn(tx, row))) throw new Error('a sign-in was begun for an unknown user');
  await deleteSurplusPendingSignIns(tx, row, MOST_PENDING);
  context.audit.record(tx, { type: 'login.pending', sub, source, details: { lacks: names.join(' ') } });
  return { lacks: lacking, cookieValue };
}

/** The user of a pending sign-in and the names of the factors that it lacks; undefined where it has ended. */
export async function findPendingSignIn(
  { db, clock }: Pick<IdentityContext, 'clock' | 'db'>,
  cookieValue: string | undefined,
): Promise<{ readonly sub: string; readonly lacks: readonly string[] } | undefined> {
  if (cookieValue === undefined || !isSecretValue(cookieValue)) return undefined;
  const row = await findPendingRow(db, storageKey(cookieValue), clock.nowMs());
  return row && { sub: row.sub, lacks: JSON.parse(row.lacks) };
}

/** Ends it, once; gives the proof of its first factor, unless it had expired at `nowMs`. */
export async function endPendingSignIn(
  tx: Tx,
  cookieValue: string | undefined,
  nowMs = 0,
): Promise<{ readonly sub: string; readonly amr: readonly string[] } | undefined> {
  if (cookieValue === undefined || !isSecretValue(cookieValue)) return undefined;
  const row = await takePendingSignIn(tx, storageKey(cookieValue), nowMs);
  return row && { sub: row.sub, amr: JSON.parse(row.amr) };
}
