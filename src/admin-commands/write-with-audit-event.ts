/** The transaction of a verb: what an operator changes has an audit event in the same commit. */
import { isRefusal } from '../lib/outcome.ts';
import type { Tx } from '../storage/database.ts';
import { writeUnlessRefused } from '../storage/write-unless-refused.ts';
import type { AdminContext, Printed } from './noun-and-verb-types.ts';

/**
 * As {@link writeUnlessRefused}. Throws, and rolls back, where the body changed rows and recorded no audit event: every
 * verb that writes in src/admin-commands/ goes through here (test/architecture/nouns.test.ts).
 */
export async function writeAudited<Outcome extends Printed>(
  { db }: Pick<AdminContext, 'db'>,
  body: (tx: Tx) => Promise<Outcome>,
): Promise<Outcome> {
  return writeUnlessRefused(db, async (tx) => {
    const { watched, seen } = watch(tx);
    const outcome = await body(watched);
    if (seen.changed && !seen.audited && !isRefusal(outcome))
      throw new Error(
        'a verb changed rows without an audit event: call audit.record in the same transaction',
      );
    return outcome;
  });
}

/** The same transaction; `seen` says what its body did so far. */
function watch(tx: Tx): { readonly watched: Tx; readonly seen: { changed: boolean; audited: boolean } } {
  const seen = { changed: false, audited: false };
  const note = (sql: string, rows: number) => {
    if (rows > 0 && !/^\s*SELECT\b/i.test(sql)) seen.changed = true;
  };
  const watched: Tx = {
    ...tx,
    async get<Row>(...[sql, ...parameters]: Parameters<Tx['get']>) {
      const row = await tx.get<Row>(sql, ...parameters);
      note(sql, row === undefined ? 0 : 1);
      return row;
    },
    async all<Row>(...[sql, ...parameters]: Parameters<Tx['all']>) {
      const rows = await tx.all<Row>(sql, ...parameters);
      note(sql, rows.length);
      return rows;
    },
    async run(sql, ...parameters) {
      const rows = await tx.run(sql, ...parameters);
      note(sql, rows);
      return rows;
    },
    audit(entry) {
      seen.audited = true;
      tx.audit(entry);
    },
  };
  return { watched, seen };
}
