/** next → current → retired → gone. RFC 7517, OpenID Connect Core §10.1.1. */
import type { Audit } from '../../audit/record.ts';
import type { Settings } from '../../config/schema.ts';
import { type Refusal, refuse } from '../../lib/outcome.ts';
import type { Clock, Random } from '../../lib/runtime.ts';
import type { Database, Tx } from '../../storage/database.ts';
import {
  deleteFormerKeys,
  deleteKey,
  erasePrivatePart,
  erasePrivateParts,
  insertKey,
  type KeyRow,
  listPublishedKeys,
  scheduleKey,
} from '../../storage/tables/keys.ts';
import { type NewKey, newKey } from './new-key.ts';
import { findShutKeys } from './shut-keys.ts';
import { type SigningAlgorithm, signingAlgorithms } from './signature.ts';

const DAY_MS = 86_400_000;
const SKEW_MS = 60_000;
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

export interface ListedKey {
  kid: string;
  alg: string;
  state: KeyState;
  created_at: number;
  activates_at: number;
  retires_at: number | null;
  removed_at: number | null;
}

/** Every published key with its state; times in milliseconds. */
export async function listKeys(context: KeyContext): Promise<ListedKey[]> {
  const nowMs = context.clock.nowMs();
  const rows = await listPublishedKeys(context.db, nowMs);
  return rows.map(({ public_jwk, private_sealed, ...row }) => ({ ...row, state: stateOf(row, nowMs) }));
}

function stateOf(row: Pick<KeyRow, 'activates_at' | 'retires_at'>, nowMs: number): KeyState {
  if (row.activates_at > nowMs) return 'next';
  return row.retires_at !== null && row.retires_at <= nowMs ? 'retired' : 'current';
}

/** M13: so long before its first signature a key is published, in milliseconds. */
function publishedAheadMs({ settings }: KeyContext): number {
  return settings.jwks_max_age_seconds * 1000 + SPREADING_MS;
}

/**
 * Makes the keys that are missing, and the next one of each algorithm whose time is near; erases private parts that
 * sign no more. Run at start and hourly.
 */
export async function maintainKeys(context: KeyContext): Promise<void> {
  const nowMs = context.clock.nowMs();
  const rows = await listPublishedKeys(context.db, nowMs);
  for (const alg of signingAlgorithms) {
    if (activationDue(context, alg, rows) !== undefined) await addMissingKey(context, alg);
  }
  const longestHintMs = context.settings.session_absolute_seconds * 1000;
  await context.db.write(async (tx) => {
    await erasePrivateParts(tx, nowMs);
    await deleteFormerKeys(tx, nowMs - longestHintMs);
  });
}

/** Asked again in the transaction: of several nodes that see the need at once, one makes the key. */
async function addMissingKey(context: KeyContext, alg: SigningAlgorithm): Promise<void> {
  const made = await newKey(context, alg);
  await context.db.write(async (tx) => {
    const activates_at = activationDue(context, alg, await listPublishedKeys(tx, context.clock.nowMs()));
    if (activates_at !== undefined) await addKey(context, tx, made, activates_at);
  });
}

/** When a key that is to be made now must begin to sign; undefined where none is needed. Milliseconds. */
function activationDue(
  context: KeyContext,
  alg: SigningAlgorithm,
  rows: readonly KeyRow[],
): number | undefined {
  const nowMs = context.clock.nowMs();
  const own = rows.filter((row) => row.alg === alg && stateOf(row, nowMs) !== 'retired');
  const current = own.findLast((row) => row.activates_at <= nowMs);
  if (!current) return nowMs;
  const aheadMs = publishedAheadMs(context);
  const dueMs = current.activates_at + context.settings.key_rotation_days * DAY_MS;
  const hasSuccessor = own.some((row) => row.activates_at > nowMs);
  return nowMs >= dueMs - 2 * aheadMs && !hasSuccessor ? Math.max(dueMs, nowMs + aheadMs) : undefined;
}

export interface Rotation {
  /** Sign with the successors at once; others may fail to verify until the JWKS they remember expires. */
  readonly now?: boolean;
  /** The kid of a key that is not to be trusted any more: it is published no longer. */
  readonly revoke?: string | undefined;
  /** Keys that the master key does not open are replaced, and sign no more. */
  readonly masterKeyChanged?: boolean;
}

/** Publishes a successor of every signing key. It signs when everybody who may cache the JWKS has fetched it. */
export async function rotateKeys(
  context: KeyContext,
  { now = false, revoke, masterKeyChanged = false }: Rotation = {},
): Promise<ListedKey[] | Refusal<'not_found' | 'conflict'>> {
  const shut = await findShutKeys(context.db, context.settings.masterKey);
  if (shut[0] && !masterKeyChanged) return refuse('conflict', 'other_master_key', shut[0].sentence);
  await maintainKeys(context);
  const successors = await Promise.all(signingAlgorithms.map((alg) => newKey(context, alg)));
  const nowMs = context.clock.nowMs();
  const signsFromMs = now ? nowMs : nowMs + publishedAheadMs(context);
  const refusal = await context.db.write(async (tx) => {
    if (revoke !== undefined && !(await revokeKey(context, tx, revoke))) {
      return refuse('not_found', 'unknown_key', `there is no key ${revoke}; gatehouse keys list shows them`);
    }
    for (const { row } of shut) await shutOff(tx, row, nowMs);
    for (const successor of successors) await succeed(context, tx, successor, signsFromMs);
    return undefined;
  });
  return refusal ?? listKeys(context);
}

/** What it signed is verified for as long as it would have been; one that never signed is of no use. */
async function shutOff(tx: Tx, row: KeyRow, nowMs: number): Promise<void> {
  if (stateOf(row, nowMs) === 'next') await deleteKey(tx, row.kid);
  else await erasePrivatePart(tx, row.kid);
}

async function revokeKey(context: KeyContext, tx: Tx, kid: string): Promise<boolean> {
  if (!(await deleteKey(tx, kid))) return false;
  context.audit.record(tx, { type: 'key.revoked', details: { kid } });
  return true;
}

/** A key that is published already comes before a new one: others know it. */
async function succeed(context: KeyContext, tx: Tx, successor: NewKey, signsFromMs: number): Promise<void> {
  const rows = await listPublishedKeys(tx, context.clock.nowMs());
  const later = rows.filter(({ alg, activates_at }) => alg === successor.alg && activates_at > signsFromMs);
  if (later.length === 0) return addKey(context, tx, successor, signsFromMs);
  for (const { kid, alg } of later) {
    await scheduleKey(tx, kid, { activates_at: signsFromMs, retires_at: null, removed_at: null });
    context.audit.record(tx, { type: 'key.rotated', details: { kid, alg } });
  }
  await retirePredecessors(context, tx, successor.alg);
}

async function addKey(context: KeyContext, tx: Tx, key: NewKey, activates_at: number): Promise<void> {
  await insertKey(tx, { ...key, activates_at, retires_at: null, removed_at: null });
  await retirePredecessors(context, tx, key.alg);
  context.audit.record(tx, { type: 'key.created', details: { kid: key.kid, alg: key.alg } });
}

/** A key retires when its successor begins, and stays published until the last token that it signed has expired. */
async function retirePredecessors(context: KeyContext, tx: Tx, alg: string): Promise<void> {
  const { access_token_seconds, id_token_seconds } = context.settings;
  const longestTokenMs = Math.max(access_token_seconds, id_token_seconds) * 1000;
  const published = await listPublishedKeys(tx, context.clock.nowMs());
  const rows = published.filter((row) => row.alg === alg);
  for (const [index, { kid, activates_at, retires_at }] of rows.entries()) {
    const successor = rows[index + 1];
    if (!successor || retires_at === successor.activates_at) continue;
    await scheduleKey(tx, kid, {
      activates_at,
      retires_at: successor.activates_at,
      removed_at: successor.activates_at + longestTokenMs + SKEW_MS,
    });
  }
}
