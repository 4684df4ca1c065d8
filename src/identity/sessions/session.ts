/** A session: a 256-bit id in a cookie, its hash in a row. ASVS V7.2, V7.3 */
import type { SessionRow } from '../../storage/tables/sessions.ts';

export interface Session {
  readonly sid: string;
  readonly sub: string;
  readonly authTimeMs: number;
  readonly amr: readonly string[];
  readonly address: string;
  readonly userAgent: string;
  readonly createdAtMs: number;
  readonly seenAtMs: number;
}

/** The session of a row. */
export function toSession(row: Omit<SessionRow, 'epoch'>): Session {
  return {
    sid: row.sid,
    sub: row.sub,
    authTimeMs: row.auth_time,
    amr: JSON.parse(row.amr),
    address: row.address,
    userAgent: row.user_agent,
    createdAtMs: row.created_at,
    seenAtMs: row.seen_at,
  };
}
