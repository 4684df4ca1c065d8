/**
 * Keys begin with their time, and "made before" is queried as "sorts before" (compute-cleanup-rules.ts): a database that sorts text by
 * the rules of a language (Danish aa after z, Czech ch after h) would take new rows for old ones.
 */
import type { Reader } from './database.ts';
import { StorageRefusedError } from './storage-errors.ts';

const CREATE = "CREATE DATABASE gatehouse TEMPLATE template0 LOCALE 'C' ENCODING 'UTF8'";

/** The digits of times in keys, in their order (lib/time-ordered-ids-and-secrets.ts). */
const CHARACTERS = [...'0123456789abcdefghijklmnopqrstuv'];

const UNTRANSLATABLE = '22P05';

/** Throws {@link StorageRefusedError} if the database cannot store every text, or does not sort keys by their time. */
export async function refuseUnsuitableText(db: Reader): Promise<void> {
  await refuseEncoding(db);
  await refuseTextOrder(db);
}

/** Tests a character that only Unicode encodings have; a database that stores bytes without an encoding counts several. */
async function refuseEncoding(db: Reader): Promise<void> {
  let seen: string;
  try {
    const row = await db.get<{ characters: number }>(`SELECT length('\u{1F642}') AS characters`);
    if (row?.characters === 1) return;
    seen = 'it takes one character for several';
  } catch (error) {
    if ((error as { code?: unknown }).code !== UNTRANSLATABLE) throw error;
    seen = (error as Error).message;
  }
  throw new StorageRefusedError(
    `the database does not keep its text as UTF-8 (${seen}), so names and values of many languages would fail. Make ` +
      `one that does: ${CREATE}, and move what this one holds: gatehouse database copy --from URL --to URL`,
  );
}

async function refuseTextOrder(db: Reader): Promise<void> {
  const keys = CHARACTERS.flatMap((one) => CHARACTERS.map((next) => `1${one}${next}0`));
  const sorted = await db.all<{ prefix: string }>(
    `SELECT column1 AS prefix FROM (VALUES ${keys.map((key) => `('${key}')`).join(', ')}) AS keys ORDER BY column1`,
  );
  const index = sorted.findIndex(({ prefix }, place) => prefix !== keys[place]);
  if (index === -1) return;
  throw new StorageRefusedError(
    `the database sorts text as a language does ("${sorted[index]?.prefix}" before "${keys[index]}"), so what is new would be ` +
      `taken for old. Make one that does not: ${CREATE}, and move what this one holds: ` +
      'gatehouse database copy --from URL --to URL',
  );
}
