/** What the keys of an algorithm need: next → current → retired → gone. RFC 7517, OpenID Connect Core §10.1.1 */
import type { Audit } from '../../audit/record.ts';
import type { Settings } from '../../config/schema.ts';
import { furtherAlgorithms } from '../../config/signing-algorithms.ts';
import type { Clock, Random } from '../../lib/runtime.ts';
import type { Database, Reader } from '../../storage/database.ts';
import { isAlgorithmOfClient } from '../../storage/tables/client-algorithms.ts';
import { type KeyRow, listPublishedKeys } from '../../storage/tables/keys.ts';
import type { SigningAlgorithm } from './signature.ts';

const DAY_MS = 86_400_000;
/** Until every node publishes a new key: its commit, and what PostgreSQL's followers may be behind. */
const SPREADING_MS = 600;

export interface KeyContext {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly settings: Settings;
  readonly audit: Audit;
}

export type KeyState = 'next' | 'current' | 'retired';

export type KeyNeed =
  | { readonly kind: 'make'; readonly activates_at: number }
  /** It was to retire, as nothing used it, and is published still. */
  | { readonly kind: 'resume'; readonly key: KeyRow }
  /** No other signs, as a clock that was ahead decided when each does. */
  | { readonly kind: 'begin'; readonly key: KeyRow }
  | { readonly kind: 'retire' };

export function stateOf({ activates_at, retires_at }: KeyTimes, nowMs: number): KeyState {
  if (activates_at > nowMs) return 'next';
  return retires_at !== null && retires_at <= nowMs ? 'retired' : 'current';
}

type KeyTimes = Pick<KeyRow, 'activates_at' | 'retires_at'>;

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
  // Where it retires for a successor, that one comes after it.
  if (!isUsed) return rows.some(({ retires_at }) => retires_at === null) ? { kind: 'retire' } : undefined;
  const newest = rows.at(-1);
  const isResumable = newest && newest.retires_at !== null && newest.private_sealed !== '';
  if (isResumable) return { kind: 'resume', key: newest };
  const late = lateKey(rows, context.clock.nowMs());
  if (late) return { kind: 'begin', key: late };
  const activates_at = activationDue(context, rows);
  return activates_at === undefined ? undefined : { kind: 'make', activates_at };
}

/** The first that has yet to begin, where none that is active can sign. */
function lateKey(rows: readonly KeyRow[], nowMs: number): KeyRow | undefined {
  const able = rows.filter((row) => row.private_sealed !== '');
  if (able.some((row) => stateOf(row, nowMs) === 'current')) return undefined;
  return able.find((row) => stateOf(row, nowMs) === 'next');
}

/** When a key that is to be made now must begin to sign; undefined where none is needed. Milliseconds. */
function activationDue(
  context: Pick<KeyContext, 'clock' | 'settings'>,
  rows: readonly KeyRow[],
): number | undefined {
  const nowMs = context.clock.nowMs();
  const own = rows.filter((row) => stateOf(row, nowMs) !== 'retired');
  const current = own.findLast((row) => row.activates_at <= nowMs && row.private_sealed !== '');
  if (!current) return nowMs;
  const aheadMs = publishedAheadMs(context);
  const dueMs = current.activates_at + context.settings.key_rotation_days * DAY_MS;
  const hasSuccessor = own.some((row) => row.activates_at > nowMs);
  return nowMs >= dueMs - 2 * aheadMs && !hasSuccessor ? Math.max(dueMs, nowMs + aheadMs) : undefined;
}
