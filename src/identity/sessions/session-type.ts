/** A session: a 256-bit id in a cookie, its hash in a row. ASVS V7.2, V7.3 */
import type { SessionRow } from '../../storage/tables/sessions.ts';

declare const isRead: unique symbol;

/** Read from its row: a user and a sid that a form names are none. */
export interface Session {
  readonly [isRead]: true;
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
  const read: Omit<Session, typeof isRead> = {
    sid: row.sid,
    sub: row.sub,
    authTimeMs: row.auth_time,
    amr: JSON.parse(row.amr),
    address: row.address,
    userAgent: row.user_agent,
    createdAtMs: row.created_at,
    seenAtMs: row.seen_at,
  };
  return read as Session;
}
