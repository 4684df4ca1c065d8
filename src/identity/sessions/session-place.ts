/** Where in a list of sessions one stands: when it was seen, and its sid. It moves when it is seen again. */
import { findSessionPlace } from '../../storage/tables/session-lists.ts';
import type { IdentityContext } from '../context.ts';
import type { Session } from './sessions.ts';

export type SessionPlace = Pick<Session, 'sid' | 'seenAtMs'>;

const PLACE = /^(?<seenAtMs>\d{1,15})\.(?<sid>[\w-]{1,64})$/;

/** As text, for the next part of the list: from there on, wherever the session is by then. */
export function placeOf({ seenAtMs, sid }: SessionPlace): string {
  return `${seenAtMs}.${sid}`;
}

/** Reads a text of {@link placeOf}; undefined for any other text. */
export function parsePlace(text: string): SessionPlace | undefined {
  const { seenAtMs, sid } = PLACE.exec(text)?.groups ?? {};
  return sid === undefined ? undefined : { sid, seenAtMs: Number(seenAtMs) };
}

/** Where a session stands now, live or not. */
export async function findSessionSeen(
  { db }: IdentityContext,
  sid: string,
): Promise<SessionPlace | undefined> {
  const row = await findSessionPlace(db, sid);
  return row && { sid, seenAtMs: row.seen_at };
}
