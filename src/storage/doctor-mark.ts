/**
 * A mark that one process writes and another is asked for: both see it where they have one database. An id could not
 * tell, as a file that was copied as a whole has the same one.
 */
import type { Database, Reader } from './database.ts';
import { consumeOneTime, findOneTime, insertOneTime } from './tables/one-time.ts';

const KIND = 'doctor_mark';
/** Of one that its writer, who was killed, left behind. */
const KEPT_MS = 60_000;

/** The mark is there while `act` runs. */
export async function withMark<Result>(
  db: Database,
  { mark, nowMs }: { readonly mark: string; readonly nowMs: number },
  act: () => Promise<Result>,
): Promise<Result> {
  const row = {
    kind: KIND,
    value_key: mark,
    grant_id: null,
    payload: '',
    expires_at: nowMs + KEPT_MS,
  } as const;
  await db.write((tx) => insertOneTime(tx, row));
  try {
    return await act();
  } finally {
    await db.write((tx) => consumeOneTime(tx, KIND, mark, nowMs));
  }
}

/** Whether the database that `db` reads has the mark that {@link withMark} writes. */
export async function seesMark(db: Reader, mark: string): Promise<boolean> {
  return (await findOneTime(db, KIND, mark)) !== undefined;
}
