/** Runs statements on a connection, prepared once per connection where the pool mode allows it. */
import type pg from 'pg';
import type { Parameter, Reader } from '../database.ts';

export type Queryable = Pick<pg.ClientBase, 'query'>;

export interface Statements {
  ask(on: Queryable, sql: string, parameters?: readonly Parameter[]): Promise<pg.QueryResult>;
  readerOn(on: Queryable): Reader;
}

/** Gives each SQL text a name, the same on every connection. */
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
 * A read with a NUL character in a parameter returns no rows: PostgreSQL stores no such text, and would answer with an error.
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

function holdsNul(parameter: Parameter): boolean {
  return typeof parameter === 'string' && parameter.includes('\0');
}
