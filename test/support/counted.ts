/** A database that counts its queries. */
import type { Database, Parameter, Reader, Tx } from '../../src/storage/database.ts';

export interface Counted {
  readonly db: Database;
  readonly count: {
    statements: number;
    /** The most rows that one transaction wrote or deleted itself, without rows deleted by a cascade. */
    mostRows: number;
  };
}

export function countedDatabase(db: Database): Counted {
  const count = { statements: 0, mostRows: 0 };
  const asked = <Reads extends Reader>(reader: Reads, changed: (rows: number) => void): Reader => ({
    get(sql, ...parameters) {
      count.statements += 1;
      return reader.get(sql, ...parameters);
    },
    async all<Row>(sql: string, ...parameters: readonly Parameter[]) {
      count.statements += 1;
      const rows = await reader.all<Row>(sql, ...parameters);
      if (!/^\s*(SELECT|WITH)/.test(sql)) changed(rows.length);
      return rows;
    },
  });
  const write: Database['write'] = (body) =>
    db.write((tx) => {
      let rows = 0;
      const changed = (more: number) => {
        rows += more;
        count.mostRows = Math.max(count.mostRows, rows);
      };
      const run: Tx['run'] = async (sql, ...parameters) => {
        count.statements += 1;
        const some = await tx.run(sql, ...parameters);
        changed(some);
        return some;
      };
      return body({ ...tx, ...asked(tx, changed), run });
    });
  return { db: { ...db, ...asked(db, () => {}), write }, count };
}
