/**
 * A mark that one process writes and another looks for: if it finds it, both use the same database. An id would not show
 * that, because a copy of the whole file has the same id.
 */
import type { Database, Reader } from './database.ts';
import { consumeOneTime, findOneTime, insertOneTime } from './tables/one-time.ts';

const KIND = 'doctor_mark';
/** How long a mark stays if its writer was killed. */
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
