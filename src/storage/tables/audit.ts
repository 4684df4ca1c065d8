import type { Reader, Tx } from '../database.ts';

export interface AuditRow {
  event_id: string;
  at: number;
  type: string;
  reason: string | null;
  sub: string | null;
  client_id: string | null;
  grant_id: string | null;
  sid: string | null;
  address: string | null;
  request_id: string | null;
  /** JSON object. */
  details: string;
}

export async function insertAuditEvent(tx: Tx, row: AuditRow): Promise<void> {
  await tx.run(
    `INSERT INTO audit (event_id, at, type, reason, sub, client_id, grant_id, sid, address, request_id, details)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    row.event_id,
    row.at,
    row.type,
    row.reason,
    row.sub,
    row.client_id,
    row.grant_id,
    row.sid,
    row.address,
    row.request_id,
    row.details,
  );
}

/** The newest events first. */
export function listAuditEvents(db: Reader, limit: number): Promise<AuditRow[]> {
  return db.all<AuditRow>('SELECT * FROM audit ORDER BY event_id DESC LIMIT $1', limit);
}
