/**
 * SQLite through better-sqlite3: one writer per process. Writes that wait together share one BEGIN IMMEDIATE …
 * COMMIT and one fsync, each in a SAVEPOINT of its own; nothing is answered before the commit.
 */
import { chmodSync, existsSync } from 'node:fs';
import SqliteDatabase from 'better-sqlite3';
import {
  type Database,
  type Inspection,
  type Parameter,
  type Reader,
  StorageRefusedError,
  StorageUnavailableError,
  type Tx,
} from './database.ts';
import { pin } from './pinned.ts';

type Connection = SqliteDatabase.Database;

const BUSY_TIMEOUT_MS = 100;
const LOCK_RETRIES = 6;
const LOCK_RETRY_MS = 40;
const GROUP_LIMIT = 128;
/** What a migration says to this engine alone; to the other it is a comment. */
const FOR_SQLITE_ALONE = /\/\*sqlite:(.*?)\*\//g;

interface Waiting {
  body(tx: Tx): Promise<unknown>;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}
interface Settled {
  settle(): void;
}

/**
 * Opens (and creates, mode 0600) the file. Throws {@link StorageRefusedError} where the file is not a database
 * or synchronous=FULL does not hold.
 */
export function openSqlite(file: string): Database {
  const isNew = !existsSync(file);
  const writer = openConnection(file);
  if (isNew) chmodSync(file, 0o600);
  const reader = openConnection(file);
  const snapshot = createSnapshot(reader);
  const group = createGroupCommit(writer, snapshot.leave);
  return {
    ...createReader(reader, snapshot.enter),
    write: (body) => group.write(body),
    // BEGIN IMMEDIATE holds the one lock there is.
    lockSchema: async () => {},
    inspect: async () => inspect(reader),
    async close() {
      await group.idle();
      snapshot.leave();
      reader.close();
      writer.close();
    },
  };
}

function openConnection(file: string): Connection {
  try {
    const connection = pin(new SqliteDatabase(file, { timeout: BUSY_TIMEOUT_MS }));
    connection.exec('PRAGMA journal_mode = WAL');
    // WAL_SYNCHRONOUS=1 in this build: every open after the first would run NORMAL and forget commits.
    connection.exec('PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON');
    assertSetting(connection, 'synchronous', 2);
    assertSetting(connection, 'foreign_keys', 1);
    return connection;
  } catch (error) {
    throw asRefused(file, error);
  }
}

function assertSetting(connection: Connection, name: string, wanted: number): void {
  const [seen] = readPragma<number>(connection, name);
  if (seen !== wanted) throw new StorageRefusedError(`PRAGMA ${name} is ${seen}, and must be ${wanted}`);
}

/** The first column of each row; through a pinned statement, as connection.pragma() leaves one to be collected. */
function readPragma<Value>(connection: Connection, name: string): Value[] {
  return pin(connection.prepare(`PRAGMA ${name}`))
    .pluck()
    .all() as Value[];
}

function asRefused(file: string, error: unknown): unknown {
  if (codeOf(error) === 'SQLITE_NOTADB' || codeOf(error) === 'SQLITE_CORRUPT') {
    return new StorageRefusedError(
      `${file} is not a usable SQLite database (${codeOf(error)}); restore a backup`,
    );
  }
  if (codeOf(error) === 'SQLITE_CANTOPEN') {
    return new StorageRefusedError(
      `${file} cannot be opened; check that its folder exists and may be written`,
    );
  }
  return asUnavailable(error);
}

function codeOf(error: unknown): string {
  return error instanceof SqliteDatabase.SqliteError ? error.code : '';
}

function isLock(error: unknown): boolean {
  return codeOf(error).startsWith('SQLITE_BUSY') || codeOf(error).startsWith('SQLITE_LOCKED');
}

function asUnavailable(error: unknown): unknown {
  const passing = isLock(error) || /^SQLITE_(FULL|READONLY|IOERR|CANTOPEN)/.test(codeOf(error));
  return passing
    ? new StorageUnavailableError(`the database cannot be written now (${codeOf(error)})`)
    : error;
}

/** `$1, $2` are named parameters to SQLite: bind them by name. */
function named(parameters: readonly Parameter[]): Record<string, Parameter> {
  const bound: Record<string, Parameter> = {};
  for (let index = 0; index < parameters.length; index += 1)
    bound[index + 1] = parameters[index] as Parameter;
  return bound;
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

interface Snapshot {
  enter(): void;
  leave(): void;
}

/**
 * What one turn of the event loop reads, it reads in one transaction: SQLite's locks cost four times what a row by
 * its key does. The snapshot ends with the turn, and with every commit of ours.
 */
function createSnapshot(connection: Connection): Snapshot {
  const begin = pin(connection.prepare('BEGIN'));
  const end = pin(connection.prepare('COMMIT'));
  let isOpen = false;
  function leave(): void {
    isOpen = false;
    if (connection.inTransaction) end.run();
  }
  return {
    enter() {
      if (isOpen) return;
      begin.run();
      isOpen = true;
      setImmediate(leave);
    },
    leave,
  };
}

function createReader(connection: Connection, enter = () => {}): Reader {
  const statement = createStatements(connection);
  return {
    async get<Row>(sql: string, ...parameters: readonly Parameter[]) {
      enter();
      return statement(sql).get(named(parameters)) as Row | undefined;
    },
    async all<Row>(sql: string, ...parameters: readonly Parameter[]) {
      enter();
      return statement(sql).all(named(parameters)) as Row[];
    },
  };
}

function createTx(connection: Connection): Tx {
  const statement = createStatements(connection);
  return {
    ...createReader(connection),
    run: async (sql, ...parameters) => statement(sql).run(named(parameters)).changes,
  };
}

/** `committed` is told before anybody is answered. */
function createGroupCommit(connection: Connection, committed: () => void) {
  const writer = createWriter(connection);
  const queue: Waiting[] = [];
  let isScheduled = false;
  let flushed: Promise<void> = Promise.resolve();

  /** setImmediate: whatever else this turn of the event loop writes joins the same commit. */
  function schedule(): void {
    isScheduled = true;
    flushed = new Promise<void>((done) => {
      setImmediate(async () => {
        await commitGroup(writer, queue, committed);
        isScheduled = false;
        if (queue.length > 0) schedule();
        done();
      });
    });
  }

  return {
    write<Result>(body: (tx: Tx) => Promise<Result>): Promise<Result> {
      return new Promise<Result>((resolve, reject) => {
        queue.push({ body, resolve: resolve as (result: unknown) => void, reject });
        if (!isScheduled) schedule();
      });
    },
    async idle(): Promise<void> {
      while (isScheduled) await flushed;
    },
  };
}

/** The connection and the statements that frame every write, prepared once. */
interface Writer {
  readonly connection: Connection;
  readonly tx: Tx;
  readonly begin: SqliteDatabase.Statement;
  readonly commit: SqliteDatabase.Statement;
  readonly savepoint: SqliteDatabase.Statement;
  readonly release: SqliteDatabase.Statement;
}

function createWriter(connection: Connection): Writer {
  const prepare = (sql: string) => pin(connection.prepare(sql));
  return {
    connection,
    tx: createTx(connection),
    begin: prepare('BEGIN IMMEDIATE'),
    commit: prepare('COMMIT'),
    savepoint: prepare('SAVEPOINT body'),
    release: prepare('RELEASE body'),
  };
}

async function commitGroup(writer: Writer, queue: Waiting[], committed: () => void): Promise<void> {
  const { connection } = writer;
  const settled: Settled[] = [];
  const group: Waiting[] = [];
  try {
    await begin(writer);
    while (queue.length > 0 && group.length < GROUP_LIMIT) {
      const next = queue.shift() as Waiting;
      group.push(next);
      settled.push(await runInSavepoint(writer, next));
    }
    writer.commit.run();
    committed();
  } catch (error) {
    if (connection.inTransaction) connection.exec('ROLLBACK');
    const failed = group.length > 0 ? group : queue.splice(0, queue.length);
    for (const waiting of failed) waiting.reject(asUnavailable(error));
    return;
  }
  for (const one of settled) one.settle();
}

/** A foreign lock (a backup, the CLI) is waited for from the event loop, never inside SQLite for long. */
async function begin(writer: Writer): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      writer.begin.run();
      return;
    } catch (error) {
      if (!isLock(error) || attempt === LOCK_RETRIES) throw error;
      await new Promise((done) => setTimeout(done, LOCK_RETRY_MS));
    }
  }
}

async function runInSavepoint(writer: Writer, waiting: Waiting): Promise<Settled> {
  const { connection, tx, savepoint, release } = writer;
  savepoint.run();
  try {
    const result = await waiting.body(tx);
    release.run();
    return { settle: () => waiting.resolve(result) };
  } catch (error) {
    if (!connection.inTransaction) throw error;
    connection.exec('ROLLBACK TO body');
    release.run();
    return { settle: () => waiting.reject(asUnavailable(error)) };
  }
}

function inspect(connection: Connection): Inspection {
  const one = (name: string) => readPragma<string | number>(connection, name)[0] ?? '';
  const settings = {
    journal_mode: one('journal_mode'),
    synchronous: one('synchronous'),
    foreign_keys: one('foreign_keys'),
    busy_timeout_ms: one('busy_timeout'),
    bytes: Number(one('page_count')) * Number(one('page_size')),
  };
  const broken = brokenPages(connection);
  return { engine: 'SQLite', settings, findings: broken.length > 0 ? broken : orphans(connection) };
}

function brokenPages(connection: Connection): string[] {
  try {
    return readPragma<string>(connection, 'integrity_check').filter((line) => line !== 'ok');
  } catch (error) {
    return [`the file is damaged (${(error as Error).message})`];
  }
}

function orphans(connection: Connection): string[] {
  const tables = readPragma<string>(connection, 'foreign_key_check');
  return tables.map((table) => `a row of ${table} points to a row that is not there`);
}
