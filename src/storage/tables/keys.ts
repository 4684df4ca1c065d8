import type { Reader, Tx } from '../database.ts';
import { raiseRevision } from '../revision-and-restore-times.ts';

export interface KeyRow {
  kid: string;
  alg: string;
  public_jwk: string;
  /** The private JWK, encrypted with AES-256-GCM under the master key; empty if the key no longer signs. */
  private_sealed: string;
  created_at: number;
  /** From this time on it signs. */
  activates_at: number;
  /** From this time on it no longer signs, but is still published. */
  retires_at: number | null;
  /** From this time on it is not published. */
  removed_at: number | null;
}

/** Raises the revision, so that every process reads the keys again. */
export async function insertKey(tx: Tx, row: KeyRow): Promise<void> {
  await tx.run(
    `INSERT INTO keys (kid, alg, public_jwk, private_sealed, created_at, activates_at, retires_at, removed_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    row.kid,
    row.alg,
    row.public_jwk,
    row.private_sealed,
    row.created_at,
    row.activates_at,
    row.retires_at,
    row.removed_at,
  );
  await raiseRevision(tx);
}

/** Signatures of the key are no longer accepted. Raises the revision. False if there was no such key. */
export async function deleteKey(tx: Tx, kid: string): Promise<boolean> {
  const gone = await tx.run('DELETE FROM keys WHERE kid = $1', kid);
  await raiseRevision(tx);
  return gone === 1;
}

/** The key no longer signs; its signatures are still accepted. */
export async function erasePrivatePart(tx: Tx, kid: string): Promise<void> {
  await tx.run(`UPDATE keys SET private_sealed = '' WHERE kid = $1`, kid);
}

/** Also finds a key that is no longer published. */
export function findKey(db: Reader, kid: string): Promise<KeyRow | undefined> {
  return db.get<KeyRow>('SELECT * FROM keys WHERE kid = $1', kid);
}

/** All keys, published or not. */
export function listKeyRows(db: Reader): Promise<KeyRow[]> {
  return db.all<KeyRow>('SELECT * FROM keys ORDER BY kid');
}

/** All keys that are published at `nowMs`, the oldest first. */
export function listPublishedKeys(db: Reader, nowMs: number): Promise<KeyRow[]> {
  return db.all<KeyRow>(
    'SELECT * FROM keys WHERE removed_at IS NULL OR removed_at > $1 ORDER BY activates_at, kid',
    nowMs,
  );
}

/** The keys that are no longer published at `nowMs`, the oldest first. */
export function listFormerKeys(db: Reader, nowMs: number): Promise<KeyRow[]> {
  return db.all<KeyRow>('SELECT * FROM keys WHERE removed_at <= $1 ORDER BY activates_at, kid', nowMs);
}

/** Replaces all three times (milliseconds; null if none is planned), and raises the revision. */
export async function scheduleKey(
  tx: Tx,
  kid: string,
  times: Pick<KeyRow, 'activates_at' | 'retires_at' | 'removed_at'>,
): Promise<void> {
  await tx.run(
    'UPDATE keys SET activates_at = $2, retires_at = $3, removed_at = $4 WHERE kid = $1',
    kid,
    times.activates_at,
    times.retires_at,
    times.removed_at,
  );
  await raiseRevision(tx);
}
