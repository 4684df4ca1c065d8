/** The transaction of a verb: what an operator changes has an audit event in the same commit. */
import { type Checked, isRefusal, PASSED } from '../lib/outcome.ts';
import type { Tx } from '../storage/database.ts';
import { writeUnlessRefused } from '../storage/write-unless-refused.ts';
import type { AdminContext } from './noun-and-verb-types.ts';
import type { Printed } from './verb-output-types.ts';

/** For a verb that is recorded also where all of it was done before, such as ending the sessions of a user who has none. */
export const MAY_CHANGE_NOTHING = 'may change nothing';

/**
 * As {@link writeUnlessRefused}. Throws, and rolls back, where the body changed rows and recorded no audit event, or recorded
 * one and changed no row, unless it {@link MAY_CHANGE_NOTHING}: every verb that writes in src/admin-commands/ goes through
 * here (test/architecture/nouns.test.ts).
 */
export async function writeAudited<Outcome extends Printed>(
  { db }: Pick<AdminContext, 'db'>,
  body: (tx: Tx) => Promise<Outcome>,
  unchanged?: typeof MAY_CHANGE_NOTHING,
): Promise<Outcome> {
  return writeUnlessRefused(db, async (tx) => {
    const { watched, seen } = watch(tx);
    const outcome = await body(watched);
    const checked = isRefusal(outcome) ? PASSED : checkRecorded(seen, unchanged !== undefined);
    if (checked !== PASSED) throw new Error(checked);
    return outcome;
  });
}

interface Seen {
  changed: boolean;
  audited: boolean;
}

function checkRecorded({ changed, audited }: Seen, mayChangeNothing: boolean): Checked<string> {
  if (changed && !audited)
    return 'a verb changed rows without an audit event: call audit.record in the same transaction';
  if (audited && !changed && !mayChangeNothing)
    return 'a verb recorded an audit event and changed no row: compare what its statement returns, and refuse';
  return PASSED;
}

/** The same transaction; `seen` says what its body did so far. */
function watch(tx: Tx): { readonly watched: Tx; readonly seen: Seen } {
  const seen: Seen = { changed: false, audited: false };
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
