/** One session by its public identifier. */
import { findSessionPlace } from '../storage/tables/sessions.ts';
import type { IdentityContext } from './context.ts';
import type { Session } from './sessions.ts';

/** Its place in a list of sessions, live or not. */
export async function findSessionSeen(
  { db }: IdentityContext,
  sid: string,
): Promise<Pick<Session, 'sid' | 'seenAtMs'> | undefined> {
  const row = await findSessionPlace(db, sid);
  return row && { sid, seenAtMs: row.seen_at };
}
