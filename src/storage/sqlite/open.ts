/**
 * SQLite through better-sqlite3: one connection writes (group-commit.ts), and also reads between transactions; a second one
 * reads during them. A write resolves when the write-ahead log is on the disk (wal-sync.ts).
 */

import { oncePerTurn } from '../../lib/once-or-batch-per-turn.ts';
import type { Database, Reader } from '../database.ts';
import { StorageRefusedError } from '../storage-errors.ts';
import { createWritability, inodeOf } from './check-writable-for-readiness.ts';
import { connect } from './connect.ts';
import { asRefused } from './errors.ts';
import { createIfMissing } from './file-operations.ts';
import { createGroupCommit } from './group-commit.ts';
import { inspect, readPragma } from './inspect-file.ts';
import { pin } from './objects-kept-from-garbage-collection.ts';
import { type Connection, createReader } from './prepare-and-run-sql.ts';
import { createLogSync } from './wal-sync.ts';

/** SQLite's own wait blocks the event loop, so it is short; the writer retries from the event loop (group-commit.ts). */
const WRITER_TIMEOUT_MS = 5;

/** A reader meets a lock only while another connection recovers the log. */
const READER_TIMEOUT_MS = 100;
const OPENING_TIMEOUT_MS = 2000;

/**
 * Opens the file, and creates it (mode 0600) if it is missing. Throws {@link StorageRefusedError} if the file is not a
 * database or does not accept our settings.
 */
export function openSqlite(file: string): Database {
  createIfMissing(file);
  const writer = openConnection(file, WRITER_TIMEOUT_MS);
  const reader = openConnection(file, READER_TIMEOUT_MS);
  const writerSnapshot = createSnapshot(writer);
  const readerSnapshot = createSnapshot(reader);
  const log = createLogSync(`${file}-wal`);
  const group = createGroupCommit(writer, log, {
    beforeBegin: writerSnapshot.leave,
    beforeCommit: readerSnapshot.leave,
  });
  // A commit invalidates the page cache of every other connection, so reads prefer the writer's.
  const onWriter = createReader(writer, writerSnapshot.enter);
  const onReader = createReader(reader, readerSnapshot.enter);
  const writable = createWritability(file, group);
  const readerNow = () => (group.isOpen() ? onReader : onWriter);
  return {
    get: (sql, ...parameters) => readerNow().get(sql, ...parameters),
    all: (sql, ...parameters) => readerNow().all(sql, ...parameters),
    write: (body) => writable.watch(group.write(body)),
    checkWritable: writable.check,
    snapshot: (body) => readSnapshot(file, body),
    // BEGIN IMMEDIATE holds the only lock that there is.
    lockSchema: async () => {},
    inspect: async () => inspect(reader),
    async close() {
      await group.idle();
      writerSnapshot.leave();
      readerSnapshot.leave();
      reader.close();
      writer.close();
      log.close();
    },
  };
}

async function readSnapshot<Result>(
  file: string,
  body: (reader: Reader) => Promise<Result>,
): Promise<Result> {
  const connection = openConnection(file, READER_TIMEOUT_MS);
  try {
    connection.exec('BEGIN');
    return await body(createReader(connection));
  } finally {
    connection.close();
  }
}

function openConnection(file: string, timeoutMs: number): Connection {
  try {
    const opened = inodeOf(file);
    // It waits for a restore (backup/restore.ts), and must then not use the file that was moved away with the log of the new
    // one.
    const connection = connect(file, { timeout: OPENING_TIMEOUT_MS });
    connection.exec('PRAGMA journal_mode = WAL');
    if (opened !== undefined && opened !== inodeOf(file)) {
      connection.close();
      throw new StorageRefusedError(`${file} was replaced while it was opened, as by a restore; try again`);
    }
    // NORMAL: SQLite flushes the log at each checkpoint, and wal-sync.ts before each answer.
    connection.exec(
      `PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = ${timeoutMs}`,
    );
    assertSetting(connection, 'synchronous', 1);
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

interface Snapshot {
  enter(): void;
  leave(): void;
}

/**
 * All reads in one turn of the event loop share one transaction: taking SQLite's locks costs four times as much as reading
 * a row by its key. The snapshot ends with the turn and before every commit of ours, so that later reads see the commit, and
 * so that the log can be reset, which is impossible while a reader uses an older snapshot.
 */
function createSnapshot(connection: Connection): Snapshot {
  const begin = pin(connection.prepare('BEGIN'));
  const end = pin(connection.prepare('COMMIT'));
  let isOpen = false;
  function leave(): void {
    // Any other open transaction on the connection is a write.
    if (!isOpen) return;
    isOpen = false;
    if (!connection.inTransaction) return;
    try {
      end.run();
    } catch {
      // A damaged page was met: the reader received the error.
      if (connection.inTransaction) connection.exec('ROLLBACK');
    }
  }
  const leaveNextTurn = oncePerTurn(leave);
  return {
    enter() {
      if (isOpen) return;
      begin.run();
      isOpen = true;
      leaveNextTurn();
    },
    leave,
  };
}
