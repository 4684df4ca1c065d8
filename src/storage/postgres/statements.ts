/** Statements on one connection, prepared once for each. */
import type pg from 'pg';
import type { Parameter, Reader } from '../database.ts';

export type Queryable = Pick<pg.ClientBase, 'query'>;

/** By a name of its own, the same on every connection. */
function createNames(): (sql: string) => string {
  const names = new Map<string, string>();
  return (sql) => {
    const known = names.get(sql);
    if (known !== undefined) return known;
    const name = `s${names.size}`;
    names.set(sql, name);
    return name;
  };
}

const nameOf = createNames();

export function ask(
  on: Queryable,
  sql: string,
  parameters: readonly Parameter[] = [],
): Promise<pg.QueryResult> {
  return on.query({ name: nameOf(sql), text: sql, values: [...parameters] });
}

export function createReader(on: Queryable): Reader {
  return {
    async get<Row>(sql: string, ...parameters: readonly Parameter[]) {
      return (await ask(on, sql, parameters)).rows[0] as Row | undefined;
    },
    async all<Row>(sql: string, ...parameters: readonly Parameter[]) {
      return (await ask(on, sql, parameters)).rows as Row[];
    },
  };
}
