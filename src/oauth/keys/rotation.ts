/** next → current → retired → gone. RFC 7517, OpenID Connect Core §10.1.1. */
import { generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { calculateJwkThumbprint, type JWK } from 'jose';
import type { Audit } from '../../audit/record.ts';
import type { Settings } from '../../config/schema.ts';
import { deriveKey } from '../../lib/derive-key.ts';
import type { Clock, Random } from '../../lib/runtime.ts';
import type { Database } from '../../storage/database.ts';
import { insertKey, type KeyRow, listPublishedKeys, scheduleKey } from '../../storage/tables/keys.ts';
import { seal } from './sealing.ts';
import { type SigningAlgorithm, signingAlgorithms } from './sign-jwt.ts';

const DAY_MS = 86_400_000;
const SKEW_MS = 60_000;
const generate = promisify(generateKeyPair);

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

/** A key that is to be made: from when on it signs, and whom it follows. */
interface Need {
  readonly activatesAt: number;
  readonly current: KeyRow | undefined;
}

/** Makes the keys that are missing, and the next one of each algorithm whose time is near. Run at start and hourly. */
export async function maintainKeys(context: KeyContext): Promise<void> {
  const nowMs = context.clock.nowMs();
  const rows = await listPublishedKeys(context.db, nowMs);
  for (const alg of signingAlgorithms) {
    if (findNeed(context, alg, rows)) await addKey(context, alg, (now) => findNeed(context, alg, now));
  }
}

/** M13: the successor is published at least one JWKS max-age before its first signature. */
function findNeed(
  { settings, clock }: KeyContext,
  alg: SigningAlgorithm,
  rows: readonly KeyRow[],
): Need | undefined {
  const nowMs = clock.nowMs();
  const own = rows.filter((row) => row.alg === alg && stateOf(row, nowMs) !== 'retired');
  const current = own.findLast((row) => row.activates_at <= nowMs);
  if (!current) return { activatesAt: nowMs, current };
  const publishedMs = settings.jwks_max_age_seconds * 1000;
  const dueMs = current.activates_at + settings.key_rotation_days * DAY_MS;
  const isNear = nowMs >= dueMs - 2 * publishedMs;
  const hasSuccessor = own.some((row) => row.activates_at > nowMs);
  return isNear && !hasSuccessor ? { activatesAt: Math.max(dueMs, nowMs + publishedMs), current } : undefined;
}

/**
 * Publishes a successor of every signing key. It signs after one JWKS max-age, or at once with `now`
 * (others may then fail to verify until their cached JWKS expires).
 */
export async function rotateKeys(context: KeyContext, options: { now?: boolean } = {}): Promise<ListedKey[]> {
  const nowMs = context.clock.nowMs();
  const activatesAt = options.now ? nowMs : nowMs + context.settings.jwks_max_age_seconds * 1000;
  const rows = await listPublishedKeys(context.db, nowMs);
  for (const alg of signingAlgorithms) {
    const successor = rows.find((row) => row.alg === alg && row.activates_at > nowMs);
    const current = rows.findLast((row) => row.alg === alg && stateOf(row, nowMs) === 'current');
    if (successor) await hastenKey(context, successor, current, activatesAt);
    else await addKey(context, alg, () => ({ activatesAt, current }));
  }
  return listKeys(context);
}

async function hastenKey(
  context: KeyContext,
  successor: KeyRow,
  current: KeyRow | undefined,
  wantedMs: number,
): Promise<void> {
  const activatesAt = Math.min(successor.activates_at, wantedMs);
  await context.db.write(async (tx) => {
    await scheduleKey(tx, successor.kid, { activates_at: activatesAt, retires_at: null, removed_at: null });
    if (current) await scheduleKey(tx, current.kid, retirement(context, current, activatesAt));
    await context.audit.record(tx, {
      type: 'key.rotated',
      details: { kid: successor.kid, alg: successor.alg },
    });
  });
}

/** A retired key stays published until the last token that it signed has expired. */
function retirement(context: KeyContext, current: KeyRow, retiresAt: number) {
  const { access_token_seconds, id_token_seconds } = context.settings;
  const longestMs = Math.max(access_token_seconds, id_token_seconds) * 1000;
  return {
    activates_at: current.activates_at,
    retires_at: retiresAt,
    removed_at: retiresAt + longestMs + SKEW_MS,
  };
}

/** `need` is asked again in the transaction: of several nodes that see it at once, one makes the key. */
async function addKey(
  context: KeyContext,
  alg: SigningAlgorithm,
  need: (rows: readonly KeyRow[]) => Need | undefined,
): Promise<void> {
  const key = await newKey(context, alg);
  await context.db.write(async (tx) => {
    const needed = need(await listPublishedKeys(tx, context.clock.nowMs()));
    if (!needed) return;
    const { activatesAt, current } = needed;
    await insertKey(tx, { ...key, activates_at: activatesAt });
    if (current) await scheduleKey(tx, current.kid, retirement(context, current, activatesAt));
    await context.audit.record(tx, { type: 'key.created', details: { kid: key.kid, alg } });
  });
}

async function newKey(context: KeyContext, alg: SigningAlgorithm): Promise<Omit<KeyRow, 'activates_at'>> {
  const { publicKey, privateKey } = await generateKeys(alg);
  const publicPart = publicKey.export({ format: 'jwk' }) as JWK;
  const kid = await calculateJwkThumbprint(publicPart, 'sha256');
  const sealingKey = deriveKey(context.settings.masterKey, 'private keys');
  return {
    kid,
    alg,
    public_jwk: JSON.stringify({ ...publicPart, kid, use: 'sig', alg }),
    private_sealed: seal(
      sealingKey,
      kid,
      JSON.stringify(privateKey.export({ format: 'jwk' })),
      context.random,
    ),
    created_at: context.clock.nowMs(),
    retires_at: null,
    removed_at: null,
  };
}

function generateKeys(alg: SigningAlgorithm): Promise<{ publicKey: KeyObject; privateKey: KeyObject }> {
  if (alg === 'ES256') return generate('ec', { namedCurve: 'P-256' });
  // RFC 8017 §8: one RSA key never signs under two paddings, so PS256 has its own.
  if (alg === 'RS256' || alg === 'PS256') return generate('rsa', { modulusLength: 2048 });
  return generate('ed25519');
}
