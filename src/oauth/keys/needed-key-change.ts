/** What the keys of an algorithm need: next → current → retired → gone. RFC 7517, OpenID Connect Core §10.1.1 */

import type { Settings } from '../../config/settings-schema.ts';
import { furtherAlgorithms } from '../../config/signing-algorithms.ts';
import { DAY_MS } from '../../lib/durations.ts';
import { CLOCK_SKEW_MS } from '../../lib/tolerate-clock-set-back.ts';
import type { Reader } from '../../storage/database.ts';
import { isAlgorithmOfClient } from '../../storage/tables/client-algorithms.ts';
import { type KeyRow, listPublishedKeys } from '../../storage/tables/keys.ts';
import type { KeyContext } from './context.ts';
import { isSealed, signingKey, stateOf } from './key-state.ts';
import type { SigningAlgorithm } from './make-and-verify-signatures.ts';

/** Until every node publishes a new key: its commit, and what PostgreSQL's followers may be behind. */
const SPREADING_MS = 600;

export type KeyNeed =
  | { readonly kind: 'make'; readonly activates_at: number }
  /** It was to retire, as nothing used it, and is published still. */
  | { readonly kind: 'resume'; readonly key: KeyRow }
  /** One that signs no more has no end yet: a clock that was not right dated it, or its successor. */
  | { readonly kind: 'succeed' }
  | { readonly kind: 'retire' };

/** M13: so long before its first signature a key is published, in milliseconds. */
export function publishedAheadMs({ settings }: Pick<KeyContext, 'settings'>): number {
  return settings.jwks_max_age_seconds * 1000 + SPREADING_MS;
}

/** The published keys of an algorithm, oldest first. */
export async function listKeysOf(
  { clock }: Pick<KeyContext, 'clock'>,
  db: Reader,
  alg: string,
): Promise<KeyRow[]> {
  return (await listPublishedKeys(db, clock.nowMs())).filter((row) => row.alg === alg);
}

/**
 * The keys about which a correct clock may decide: no successor is planned to begin later. Another clock dated the others;
 * if this one is behind, they may sign elsewhere.
 */
export function withinReach(
  context: Pick<KeyContext, 'clock' | 'settings'>,
  rows: readonly KeyRow[],
): readonly KeyRow[] {
  const reachMs = context.clock.nowMs() + 2 * publishedAheadMs(context) + CLOCK_SKEW_MS;
  return rows.filter(({ activates_at }) => activates_at <= reachMs);
}

/** As a setting, a client or every reader has it. */
export async function isUsed(db: Reader, settings: Settings, alg: SigningAlgorithm): Promise<boolean> {
  const further = furtherAlgorithms.find((candidate) => candidate === alg);
  if (further === undefined || settings.further_signing_algorithms.includes(further)) return true;
  return isAlgorithmOfClient(db, alg);
}

/** `rows` are those of {@link listKeysOf}; undefined where nothing is to be done now. */
export function keyNeed(
  context: Pick<KeyContext, 'clock' | 'settings'>,
  rows: readonly KeyRow[],
  isUsed: boolean,
): KeyNeed | undefined {
  const own = withinReach(context, rows);
  // Where it retires for a successor, that one comes after it.
  if (!isUsed) return own.some(isEndless) ? { kind: 'retire' } : undefined;
  const resumable = rows.some(isEndless) ? undefined : own.findLast(isSealed);
  if (resumable) return { kind: 'resume', key: resumable };
  const signing = signingKey(rows, context.clock.nowMs());
  const activates_at = activationDue(context, own, signing);
  if (activates_at !== undefined) return { kind: 'make', activates_at };
  return own.some((row) => isEndless(row) && isSucceeded(row, signing)) ? { kind: 'succeed' } : undefined;
}

/** Whether no time is set at which the key retires. */
export function isEndless({ retires_at }: Pick<KeyRow, 'retires_at'>): boolean {
  return retires_at === null;
}

/** When a key that is to be made now must begin to sign; undefined where none is needed. Milliseconds. */
function activationDue(
  context: Pick<KeyContext, 'clock' | 'settings'>,
  own: readonly KeyRow[],
  signing: KeyRow | undefined,
): number | undefined {
  const nowMs = context.clock.nowMs();
  if (!signing) return nowMs;
  const aheadMs = publishedAheadMs(context);
  const dueMs = signing.activates_at + context.settings.key_rotation_days * DAY_MS;
  const hasSuccessor = own.some((row) => stateOf(row, own, nowMs) === 'next');
  return nowMs >= dueMs - 2 * aheadMs && !hasSuccessor ? Math.max(dueMs, nowMs + aheadMs) : undefined;
}

/** The one that signs is newer, or this one cannot. */
function isSucceeded(row: KeyRow, signing: KeyRow | undefined): boolean {
  return signing !== undefined && (!isSealed(row) || row.activates_at < signing.activates_at);
}
