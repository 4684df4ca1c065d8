import type { Reader, Tx } from '../database.ts';
import { raiseRevision } from '../revision.ts';

export interface KeyRow {
  kid: string;
  alg: string;
  public_jwk: string;
  /** The private JWK, AES-256-GCM under the master key; empty where the key signs no more. */
  private_sealed: string;
  created_at: number;
  /** From here on it signs. */
  activates_at: number;
  /** From here on it signs no more, and is still published. */
  retires_at: number | null;
  /** From here on it is not published. */
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

/** What the key signed is not verified any more. Raises the revision. False where there was no such key. */
export async function deleteKey(tx: Tx, kid: string): Promise<boolean> {
  const gone = await tx.run('DELETE FROM keys WHERE kid = $1', kid);
  await raiseRevision(tx);
  return gone === 1;
}

/** It signs no more; what it signed is still verified. */
export async function erasePrivatePart(tx: Tx, kid: string): Promise<void> {
  await tx.run(`UPDATE keys SET private_sealed = '' WHERE kid = $1`, kid);
}

/** A key that is published, or was. */
export function findKey(db: Reader, kid: string): Promise<KeyRow | undefined> {
  return db.get<KeyRow>('SELECT * FROM keys WHERE kid = $1', kid);
}

/** Every key there is a row of. */
export function listKeyRows(db: Reader): Promise<KeyRow[]> {
  return db.all<KeyRow>('SELECT * FROM keys ORDER BY kid');
}

/** Every key that is not gone at `nowMs`, oldest first. */
export function listPublishedKeys(db: Reader, nowMs: number): Promise<KeyRow[]> {
  return db.all<KeyRow>(
    'SELECT * FROM keys WHERE removed_at IS NULL OR removed_at > $1 ORDER BY activates_at, kid',
    nowMs,
  );
}

/** The others. */
export function listFormerKeys(db: Reader, nowMs: number): Promise<KeyRow[]> {
  return db.all<KeyRow>('SELECT * FROM keys WHERE removed_at <= $1 ORDER BY activates_at, kid', nowMs);
}

/** Replaces all three times (milliseconds; null where none is planned), and raises the revision. */
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
