/** The place of a session in a list: the time when it was seen, and its sid. It changes when the session is seen again. */
import { findSessionPlace } from '../../storage/tables/sessions.ts';
import type { IdentityContext } from '../context.ts';
import type { Session } from './session-type.ts';

export type SessionPlace = Pick<Session, 'sid' | 'seenAtMs'>;

const PLACE = /^(?<seenAtMs>\d{1,15})\.(?<sid>[\w-]{1,64})$/;

/** The place as text, from which the next part of the list begins, even if the session has moved by then. */
export function placeOf({ seenAtMs, sid }: SessionPlace): string {
  return `${seenAtMs}.${sid}`;
}

/** Reads a text of {@link placeOf}; undefined for any other text. */
export function parsePlace(text: string): SessionPlace | undefined {
  const { seenAtMs, sid } = PLACE.exec(text)?.groups ?? {};
  return sid === undefined ? undefined : { sid, seenAtMs: Number(seenAtMs) };
}

/** The present place of a session, live or not. */
export async function findSessionSeen(
  { db }: Pick<IdentityContext, 'db'>,
  sid: string,
): Promise<SessionPlace | undefined> {
  const row = await findSessionPlace(db, sid);
  return row && { sid, seenAtMs: row.seen_at };
}
