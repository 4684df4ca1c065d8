/** The prepared statements of one connection; each SQL text is prepared once. */
import type SqliteDatabase from 'better-sqlite3';
import type { AuditEntry, Parameter, Reader, Tx } from '../database.ts';
import { asUnavailable } from './errors.ts';
import { pin } from './objects-kept-from-garbage-collection.ts';

export type Connection = SqliteDatabase.Database;

/** SQL in a migration for SQLite only; for PostgreSQL it is a comment. */
const FOR_SQLITE_ALONE = /\/\*sqlite:([^*]*)\*\//g;

/** A statement with the mapping of its parameters and of its rows. */
interface Prepared {
  readonly statement: SqliteDatabase.Statement;
  /** The parameter for each placeholder; undefined if each parameter occurs once, in order. */
  readonly places: readonly number[] | undefined;
  /** The number of columns for which {@link toObject} was made. */
  width: number;
  toObject: (values: readonly unknown[]) => unknown;
}

/** `enter` is called before each read. */
export function createReader(connection: Connection, enter = () => {}): Reader {
  const prepare = createStatements(connection);
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
      return ask(() => {
        const prepared = prepare(sql);
        const values = prepared.statement.get(...inPlace(prepared, parameters)) as unknown[] | undefined;
        return values && toRow<Row>(prepared, values);
      });
    },
    async all<Row>(sql: string, ...parameters: readonly Parameter[]) {
      return ask(() => {
        const prepared = prepare(sql);
        const rows = prepared.statement.all(...inPlace(prepared, parameters)) as unknown[][];
        return rows.map((values) => toRow<Row>(prepared, values));
      });
    },
  };
}

/** Audit events are appended to `remembered`. */
export function createTx(connection: Connection, remembered: AuditEntry[]): Tx {
  const prepare = createStatements(connection);
  return {
    ...createReader(connection),
    async run(sql, ...parameters) {
      const prepared = prepare(sql);
      return prepared.statement.run(...inPlace(prepared, parameters)).changes;
    },
    audit: (entry) => void remembered.push(entry),
  };
}

function createStatements(connection: Connection): (sql: string) => Prepared {
  const known = new Map<string, Prepared>();
  return (sql) => {
    let prepared = known.get(sql);
    if (!prepared) {
      prepared = prepareText(connection, sql);
      known.set(sql, prepared);
    }
    return prepared;
  };
}

/**
 * For SQLite `$1, $2` are names, and binding by name takes as long as a small query: so they are replaced and bound
 * by position.
 */
function prepareText(connection: Connection, sql: string): Prepared {
  const places: number[] = [];
  const text = sql.replace(FOR_SQLITE_ALONE, '$1').replace(/\$(\d+)/g, (_name, number: string) => {
    places.push(Number(number) - 1);
    return '?';
  });
  const isInOrder = places.every((place, index) => place === index);
  const statement = pin(connection.prepare(text));
  if (statement.reader) statement.raw(true);
  return { statement, places: isInOrder ? undefined : places, width: 0, toObject: (values) => values };
}

function inPlace({ places }: Prepared, parameters: readonly Parameter[]): readonly Parameter[] {
  return places ? places.map((place) => parameters[place] as Parameter) : parameters;
}

function toRow<Row>(prepared: Prepared, values: readonly unknown[]): Row {
  // The first row, or another process migrated and `SELECT *` has more columns now.
  if (values.length !== prepared.width) {
    prepared.width = values.length;
    prepared.toObject = objectMaker(prepared.statement.columns().map(({ name }) => name));
  }
  return prepared.toObject(values) as Row;
}

/**
 * Compiles `(values) => ({ "sub": values[0], … })`: the cost of an object literal is negligible beside the driver's, whereas a
 * loop takes 60 ns per column; and all rows have the same hidden class.
 */
function objectMaker(columns: readonly string[]): Prepared['toObject'] {
  const members = columns.map((name, index) => `${JSON.stringify(name)}: values[${index}]`);
  return new Function('values', `return { ${members.join(', ')} };`) as Prepared['toObject'];
}
