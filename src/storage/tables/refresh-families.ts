import type { Reader, Tx } from '../database.ts';

export interface RefreshFamilyRow {
  family_id: string;
  grant_id: string;
  /** The generation of the one live token. */
  generation: number;
  salt: string;
  created_at: number;
  rotated_at: number;
  idle_expires_at: number;
  expires_at: number;
  revoked_at: number | null;
}

export async function insertRefreshFamily(tx: Tx, row: RefreshFamilyRow): Promise<void> {
  await tx.run(
    `INSERT INTO refresh_families (family_id, grant_id, generation, salt, created_at, rotated_at,
       idle_expires_at, expires_at, revoked_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    row.family_id,
    row.grant_id,
    row.generation,
    row.salt,
    row.created_at,
    row.rotated_at,
    row.idle_expires_at,
    row.expires_at,
    row.revoked_at,
  );
}

export function findRefreshFamily(db: Reader, familyId: string): Promise<RefreshFamilyRow | undefined> {
  return db.get<RefreshFamilyRow>('SELECT * FROM refresh_families WHERE family_id = $1', familyId);
}

/** Spends one generation: true for the one caller who rotates it. */
export async function rotateRefreshFamily(
  tx: Tx,
  family: { family_id: string; generation: number; idle_expires_at: number },
  nowMs: number,
): Promise<boolean> {
  const changed = await tx.run(
    `UPDATE refresh_families SET generation = generation + 1, rotated_at = $3, idle_expires_at = $4
     WHERE family_id = $1 AND generation = $2 AND revoked_at IS NULL
       AND expires_at > $3 AND idle_expires_at > $3`,
    family.family_id,
    family.generation,
    nowMs,
    family.idle_expires_at,
  );
  return changed === 1;
}

/** A refresh without rotation still counts as use. */
export async function touchRefreshFamily(tx: Tx, familyId: string, idleExpiresAt: number): Promise<void> {
  await tx.run(
    'UPDATE refresh_families SET idle_expires_at = $2 WHERE family_id = $1',
    familyId,
    idleExpiresAt,
  );
}

export async function revokeRefreshFamily(tx: Tx, familyId: string, revokedAt: number): Promise<boolean> {
  const changed = await tx.run(
    'UPDATE refresh_families SET revoked_at = $2 WHERE family_id = $1 AND revoked_at IS NULL',
    familyId,
    revokedAt,
  );
  return changed === 1;
}
