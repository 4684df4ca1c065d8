/** SQL text to prepared statements of one connection, each prepared once. */
import type SqliteDatabase from 'better-sqlite3';
import type { AuditEntry, Parameter, Reader, Tx } from './database.ts';
import { pin } from './pinned.ts';
import { asUnavailable } from './sqlite-errors.ts';

export type Connection = SqliteDatabase.Database;

/** What a migration says to this engine alone; to the other it is a comment. */
const FOR_SQLITE_ALONE = /\/\*sqlite:(.*?)\*\//g;

/** `enter` is called before each read. */
export function createReader(connection: Connection, enter = () => {}): Reader {
  const statement = createStatements(connection);
  function ask<Result>(read: () => Result): Result {
    try {
      enter();
      return read();
    } catch (error) {
      throw asUnavailable(error);
    }
  }
  return {
    async get<Row>(sql: string, ...parameters: readonly Parameter[]) {
      return ask(() => statement(sql).get(named(parameters)) as Row | undefined);
    },
    async all<Row>(sql: string, ...parameters: readonly Parameter[]) {
      return ask(() => statement(sql).all(named(parameters)) as Row[]);
    },
  };
}

/** `remembered` takes the audit events. */
export function createTx(connection: Connection, remembered: AuditEntry[]): Tx {
  const statement = createStatements(connection);
  return {
    ...createReader(connection),
    run: async (sql, ...parameters) => statement(sql).run(named(parameters)).changes,
    audit: (entry) => void remembered.push(entry),
  };
}

function createStatements(connection: Connection): (sql: string) => SqliteDatabase.Statement {
  const prepared = new Map<string, SqliteDatabase.Statement>();
  return (sql) => {
    const known = prepared.get(sql);
    if (known) return known;
    const statement = pin(connection.prepare(sql.replace(FOR_SQLITE_ALONE, '$1')));
    prepared.set(sql, statement);
    return statement;
  };
}

/** `$1, $2` are named parameters to SQLite: bind them by name. */
function named(parameters: readonly Parameter[]): Record<string, Parameter> {
  const bound: Record<string, Parameter> = {};
  for (let index = 0; index < parameters.length; index += 1)
    bound[index + 1] = parameters[index] as Parameter;
  return bound;
}
