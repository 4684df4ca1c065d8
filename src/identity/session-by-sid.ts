/** One session by its public identifier. */
import { findLiveSessionOf, findSessionPlace } from '../storage/tables/sessions.ts';
import type { IdentityContext } from './context.ts';
import { type Session, toSession } from './sessions.ts';

/** A live session of this person; undefined where it is over or another's. */
export async function findOwnSession(
  { db, clock }: IdentityContext,
  own: { readonly sub: string; readonly sid: string },
): Promise<Session | undefined> {
  const row = await findLiveSessionOf(db, clock.nowMs(), own);
  return row && toSession(row);
}

/** Its place in such a list, live or not. */
export async function findSessionSeen(
  { db }: IdentityContext,
  sid: string,
): Promise<Pick<Session, 'sid' | 'seenAtMs'> | undefined> {
  const row = await findSessionPlace(db, sid);
  return row && { sid, seenAtMs: row.seen_at };
}
