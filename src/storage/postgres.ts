/**
 * PostgreSQL through pg: a pool, serializable transactions that are tried again where two of them conflict, and a
 * limit on how long a statement may take. The same SQL text as SQLite's.
 */
import pg from 'pg';
import {
  type Database,
  type Inspection,
  type Parameter,
  type Reader,
  StorageUnavailableError,
  type Tx,
} from './database.ts';

const POOL_SIZE = 16;
const CONNECT_TIMEOUT_MS = 2000;
const STATEMENT_TIMEOUT_MS = 5000;
const ATTEMPTS = 12;
const LONGEST_PAUSE_MS = 50;
const BIGINT_OID = 20;
/** Any number, the same in every process: only one migrates at a time. */
const MIGRATION_LOCK = 4_721_903;

/** serialization_failure, deadlock_detected, and the unique violation that a lost race ends in. */
const CONFLICTS = new Set(['40001', '40P01']);

type Queryable = Pick<pg.PoolClient, 'query'>;

/** Connects lazily: a server that is away is {@link StorageUnavailableError} at the first question. */
export function openPostgres(url: string): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: POOL_SIZE,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS,
    // BIGINT holds milliseconds and counters, all below 2^53.
    types: {
      getTypeParser: (oid, format) => (oid === BIGINT_OID ? Number : pg.types.getTypeParser(oid, format)),
    },
  });
  // A connection that breaks is replaced by the pool, and whoever waits for an answer on it is told there.
  pool.on('error', () => {});
  pool.on('connect', (connection) => connection.on('error', () => {}));
  return {
    ...createReader(pool),
    write: (body) => writeWithRetries(pool, body),
    snapshot: (body) => readSnapshot(pool, body),
    lockSchema: async (tx) => {
      await tx.get('SELECT pg_advisory_xact_lock($1)', MIGRATION_LOCK);
    },
    inspect: () => inspect(pool),
    close: () => pool.end(),
  };
}

/** A statement is prepared once for each connection, by a name of its own. */
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

async function ask(on: Queryable, sql: string, parameters: readonly Parameter[]): Promise<pg.QueryResult> {
  try {
    return await on.query({ name: nameOf(sql), text: sql, values: [...parameters] });
  } catch (error) {
    throw asUnavailable(error);
  }
}

function createReader(on: Queryable): Reader {
  return {
    async get<Row>(sql: string, ...parameters: readonly Parameter[]) {
      return (await ask(on, sql, parameters)).rows[0] as Row | undefined;
    },
    async all<Row>(sql: string, ...parameters: readonly Parameter[]) {
      return (await ask(on, sql, parameters)).rows as Row[];
    },
  };
}

async function writeWithRetries<Result>(pool: pg.Pool, body: (tx: Tx) => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await writeOnce(pool, body);
    } catch (error) {
      if (!CONFLICTS.has(codeOf(error))) throw error;
      if (attempt === ATTEMPTS)
        throw new StorageUnavailableError('the database is too busy with the same rows');
      const pauseMs = Math.min(LONGEST_PAUSE_MS, 2 ** attempt) * ((attempt % 3) + 1) * 0.5;
      await new Promise((done) => setTimeout(done, pauseMs));
    }
  }
}

/** SERIALIZABLE: a body may read and then write, as behind SQLite's one writer. */
async function writeOnce<Result>(pool: pg.Pool, body: (tx: Tx) => Promise<Result>): Promise<Result> {
  const connection = await pool.connect().catch((error) => {
    throw asUnavailable(error);
  });
  let broken: Error | undefined;
  try {
    await ask(connection, 'BEGIN ISOLATION LEVEL SERIALIZABLE', []);
    const result = await body(createTx(connection));
    await ask(connection, 'COMMIT', []);
    return result;
  } catch (error) {
    await connection.query('ROLLBACK').catch((rollbackError: Error) => {
      broken = rollbackError;
    });
    throw error;
  } finally {
    connection.release(broken);
  }
}

async function readSnapshot<Result>(
  pool: pg.Pool,
  body: (reader: Reader) => Promise<Result>,
): Promise<Result> {
  const connection = await pool.connect().catch((error) => {
    throw asUnavailable(error);
  });
  try {
    await ask(connection, 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', []);
    return await body(createReader(connection));
  } finally {
    // Closed, and the transaction with it.
    connection.release(true);
  }
}

function createTx(connection: pg.PoolClient): Tx {
  return {
    ...createReader(connection),
    run: async (sql, ...parameters) => (await ask(connection, sql, parameters)).rowCount ?? 0,
  };
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : '';
}

/** Class 08 connection, 53 resources, 57 operator intervention, 25006 read-only; and what the sockets say. */
function asUnavailable(error: unknown): unknown {
  const code = codeOf(error);
  const passing = /^(08|53|57|58)/.test(code) || code === '25006' || /^E[A-Z]+$/.test(code);
  const lost =
    error instanceof Error &&
    /Connection terminated|timeout exceeded when trying to connect/.test(error.message);
  return passing || lost
    ? new StorageUnavailableError(`the database does not answer (${code || 'connection lost'})`)
    : error;
}

async function inspect(pool: pg.Pool): Promise<Inspection> {
  const reader = createReader(pool);
  const setting = async (name: string) =>
    (await reader.get<{ value: string }>('SELECT current_setting($1) AS value', name))?.value ?? '';
  const settings = {
    server_version: await setting('server_version'),
    fsync: await setting('fsync'),
    synchronous_commit: await setting('synchronous_commit'),
    full_page_writes: await setting('full_page_writes'),
  };
  const findings = [
    settings.fsync === 'on' ? '' : 'fsync is off: a crash of the machine loses tokens and revocations',
    settings.synchronous_commit === 'off' ? 'synchronous_commit is off: a crash loses what was answered' : '',
  ].filter((finding) => finding !== '');
  return { engine: 'PostgreSQL', settings, findings };
}
