import type { Reader, Tx } from '../database.ts';

/** Records a single access token that was revoked; the row may be deleted when the token has expired. */
export async function insertRevokedToken(tx: Tx, jti: string, expiresAt: number): Promise<void> {
  await tx.run(
    'INSERT INTO revoked_tokens (jti, expires_at) VALUES ($1, $2) ON CONFLICT (jti) DO NOTHING',
    jti,
    expiresAt,
  );
}

/** Whether this single access token was revoked (RFC 7009). If false, its grant may still have ended. */
export async function isTokenRevoked(db: Reader, jti: string): Promise<boolean> {
  return (await db.get('SELECT jti FROM revoked_tokens WHERE jti = $1', jti)) !== undefined;
}
