/**
 * Keys begin with their time, and "made before" is asked as "sorts before" (retention.ts): a database that sorts text as
 * some languages do (Danish aa behind z, Czech ch behind h) would take what is new for old.
 */
import { type Reader, StorageRefusedError } from './database.ts';

/** What times are written with, in their order (lib/ids.ts). */
const CHARACTERS = [...'0123456789abcdefghijklmnopqrstuv'];

/** Throws {@link StorageRefusedError} where the database does not sort keys by their time. */
export async function refuseTextOrder(db: Reader): Promise<void> {
  const keys = CHARACTERS.flatMap((one) => CHARACTERS.map((next) => `1${one}${next}0`));
  const sorted = await db.all<{ prefix: string }>(
    `SELECT column1 AS prefix FROM (VALUES ${keys.map((key) => `('${key}')`).join(', ')}) AS keys ORDER BY column1`,
  );
  const index = sorted.findIndex(({ prefix }, place) => prefix !== keys[place]);
  if (index === -1) return;
  throw new StorageRefusedError(
    `the database sorts text as a language does ("${sorted[index]?.prefix}" before "${keys[index]}"), so what is new would be ` +
      "taken for old. Make one that does not: CREATE DATABASE gatehouse TEMPLATE template0 LOCALE 'C', and move " +
      'what this one holds: gatehouse database copy --from URL --to URL',
  );
}
