/** Statements on one connection, prepared once for each where the connection keeps them. */
import type pg from 'pg';
import type { Parameter, Reader } from '../database.ts';

export type Queryable = Pick<pg.ClientBase, 'query'>;

export interface Statements {
  ask(on: Queryable, sql: string, parameters?: readonly Parameter[]): Promise<pg.QueryResult>;
  readerOn(on: Queryable): Reader;
}

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

/**
 * Reads find nothing where a parameter has a NUL character: PostgreSQL stores no such text, and would answer with an
 * error.
 */
export function createStatements({ isNaming }: { readonly isNaming: boolean }): Statements {
  const nameOf = createNames();
  const ask: Statements['ask'] = (on, sql, parameters = []) => {
    const statement = { text: sql, values: [...parameters] };
    return on.query(isNaming ? { ...statement, name: nameOf(sql) } : statement);
  };
  return {
    ask,
    readerOn(on) {
      async function all<Row>(sql: string, ...parameters: readonly Parameter[]): Promise<Row[]> {
        return parameters.some(holdsNul) ? [] : ((await ask(on, sql, parameters)).rows as Row[]);
      }
      return {
        get: async <Row>(sql: string, ...parameters: readonly Parameter[]) =>
          (await all<Row>(sql, ...parameters))[0],
        all,
      };
    },
  };
}

/** No text of PostgreSQL holds a NUL, so no row has one that does; to be asked about it is an error there. */
function holdsNul(parameter: Parameter): boolean {
  return typeof parameter === 'string' && parameter.includes('\0');
}
