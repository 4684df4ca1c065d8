/** Adds the current username beside each sub, because an operator does not know users by their sub. */
import type { Reader } from '../storage/database.ts';
import { findUsernames } from '../storage/tables/users.ts';

/** The maximum number of parameters in one statement. */
const AT_ONCE = 500;

/** The rows with `username` right after `sub`; without it where the user was deleted, or the row has no sub. */
export async function withUsernames<Row extends { readonly sub?: string | undefined }>(
  db: Reader,
  rows: readonly Row[],
): Promise<object[]> {
  const subs = [...new Set(rows.flatMap(({ sub }) => sub ?? []))];
  const names = await findAll(db, subs);
  return rows.map((row) => withUsername(row, names.get(row.sub ?? '')));
}

async function findAll(db: Reader, subs: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const some = await findUsernames(db, subs.slice(0, AT_ONCE));
  return subs.length <= AT_ONCE ? some : new Map([...some, ...(await findAll(db, subs.slice(AT_ONCE)))]);
}

function withUsername(row: object, username: string | undefined): object {
  const members = Object.entries(row);
  return Object.fromEntries(
    members.flatMap(([name, value]) =>
      name === 'sub' && username !== undefined
        ? [
            [name, value],
            ['username', username],
          ]
        : [[name, value]],
    ),
  );
}
