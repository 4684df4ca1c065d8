/** What is left of a client in the database, and the clean-up that leaves less. */
import { createCleanUp } from '../../../src/storage/cleanup.ts';
import type { TestServer } from '../../support/server.ts';

/** The rows of `table` in which the column `where` is `value`. */
export async function countRows(
  { gatehouse }: TestServer,
  table: string,
  where: string,
  value: string,
): Promise<number> {
  const sql = `SELECT count(*) AS n FROM ${table} WHERE ${where} = $1`;
  return Number((await gatehouse.db.get<{ n: number }>(sql, value))?.n);
}

/** A day and more later. */
export async function cleanUpLater({ clock, gatehouse }: TestServer): Promise<void> {
  clock.advance(2 * 86_400_000);
  await createCleanUp(gatehouse).run();
}
