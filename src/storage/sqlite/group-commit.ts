/**
 * The one writer of a process. Waiting writes share one BEGIN IMMEDIATE … COMMIT and one flush of the log, each in a
 * SAVEPOINT of its own; the next group runs during the flush of the last.
 */
import type SqliteDatabase from 'better-sqlite3';
import { nextTurn } from '../../lib/next-event-loop-turn.ts';
import { pause } from '../../lib/pause.ts';
import type { AuditEntry, Tx } from '../database.ts';
import { StorageUnavailableError } from '../storage-errors.ts';
import { insertAuditLog } from '../tables/audit-log.ts';
import { asUnavailable, isDamage, isLock } from './errors.ts';
import { pin } from './objects-kept-from-garbage-collection.ts';
import { type Connection, createTx } from './prepare-and-run-sql.ts';
import type { LogSync } from './wal-sync.ts';

const GROUP_LIMIT = 128;

/** The event loop waits for a lock of another process (a backup, a command) for less than half a second. */
const LOCK_WAIT_MS = 400;
const LOCK_RETRY_MS = 10;

export interface GroupCommit {
  /** Resolves when the commit that contains the body is durable. */
  write<Result>(body: (tx: Tx) => Promise<Result>): Promise<Result>;
  /** Whether the connection is between BEGIN and COMMIT: what it reads then may be rolled back. */
  isOpen(): boolean;
  /** Resolves when no write is waiting or running. */
  idle(): Promise<void>;
}

/** Functions that are called just before every BEGIN and every COMMIT. */
export interface Moments {
  readonly beforeBegin: () => void;
  readonly beforeCommit: () => void;
}

interface Waiting {
  body(tx: Tx): Promise<unknown>;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

type Settle = () => void;

/** The connection, and the statements around every write. */
interface Writer {
  readonly connection: Connection;
  isOpen: boolean;
  readonly moments: Moments;
  readonly tx: Tx;
  /** The audit events of the bodies of this group so far. */
  readonly remembered: AuditEntry[];
  readonly begin: SqliteDatabase.Statement;
  readonly commit: SqliteDatabase.Statement;
  readonly savepoint: SqliteDatabase.Statement;
  readonly release: SqliteDatabase.Statement;
}

/**
 * `connection` is the one that writes. A body that throws is rolled back alone; if the commit or its flush fails, all writes
 * of that commit are rejected.
 */
export function createGroupCommit(connection: Connection, log: LogSync, moments: Moments): GroupCommit {
  const writer = createWriter(connection, moments);
  const queue: Waiting[] = [];
  const underWay = new Set<Promise<void>>();
  let isScheduled = false;

  /** setImmediate: all writes of this turn of the event loop join the same commit. */
  function schedule(): void {
    isScheduled = true;
    setImmediate(() => track(run()));
  }

  async function run(): Promise<void> {
    const settled = await commitGroup(writer, queue);
    isScheduled = false;
    if (queue.length > 0) schedule();
    await answer(log, settled);
  }

  function track(work: Promise<void>): void {
    underWay.add(work);
    void work.finally(() => underWay.delete(work));
  }

  return {
    write<Result>(body: (tx: Tx) => Promise<Result>): Promise<Result> {
      return new Promise<Result>((resolve, reject) => {
        queue.push({ body, resolve: resolve as (result: unknown) => void, reject });
        if (!isScheduled) schedule();
      });
    },
    isOpen: () => writer.isOpen,
    async idle(): Promise<void> {
      while (isScheduled || underWay.size > 0) {
        await nextTurn();
        await Promise.all(underWay);
      }
    },
  };
}

function createWriter(connection: Connection, moments: Moments): Writer {
  const prepare = (sql: string) => pin(connection.prepare(sql));
  const remembered: AuditEntry[] = [];
  return {
    connection,
    moments,
    isOpen: false,
    tx: createTx(connection, remembered),
    remembered,
    begin: prepare('BEGIN IMMEDIATE'),
    commit: prepare('COMMIT'),
    savepoint: prepare('SAVEPOINT body'),
    release: prepare('RELEASE body'),
  };
}

interface Group {
  readonly members: readonly Waiting[];
  readonly remembered: readonly AuditEntry[];
  readonly settled: readonly Settle[];
}

/** Runs and commits the waiting writes. If that fails, they are rejected and the returned group is empty. */
async function commitGroup(writer: Writer, queue: Waiting[]): Promise<Group> {
  const settled: Settle[] = [];
  const members: Waiting[] = [];
  writer.remembered.length = 0;
  try {
    await begin(writer);
    while (queue.length > 0 && members.length < GROUP_LIMIT) {
      const next = queue.shift() as Waiting;
      members.push(next);
      settled.push(await runInSavepoint(writer, next));
    }
    await insertAuditLog(writer.tx, writer.remembered);
    writer.moments.beforeCommit();
    writer.commit.run();
    return { members, settled, remembered: [...writer.remembered] };
  } catch (error) {
    if (writer.connection.inTransaction) writer.connection.exec('ROLLBACK');
    refuseAll(members.length > 0 ? members : queue.splice(0, queue.length), reasonOfAll(error, members));
    return { members: [], settled: [], remembered: [] };
  } finally {
    writer.isOpen = false;
  }
}

async function answer(log: LogSync, { members, settled, remembered }: Group): Promise<void> {
  if (members.length === 0) return;
  try {
    await log.durable();
  } catch (error) {
    refuseAll(members, error);
    return;
  }
  for (const entry of remembered) entry.committed?.();
  for (const settle of settled) settle();
}

/** Another body of the group may have met the damaged page, so the others may succeed in a commit of their own. */
function reasonOfAll(error: unknown, members: readonly Waiting[]): unknown {
  return isDamage(error) && members.length > 1
    ? new StorageUnavailableError('another write of the same commit met a damaged page', { cause: error })
    : asUnavailable(error);
}

function refuseAll(members: readonly Waiting[], error: unknown): void {
  for (const waiting of members) waiting.reject(error);
}

async function begin(writer: Writer): Promise<void> {
  const endMs = performance.now() + LOCK_WAIT_MS;
  for (;;) {
    try {
      writer.moments.beforeBegin();
      writer.begin.run();
      writer.isOpen = true;
      return;
    } catch (error) {
      if (!isLock(error) || performance.now() >= endMs) throw error;
      await pause(LOCK_RETRY_MS);
    }
  }
}

async function runInSavepoint(
  { connection, tx, remembered, savepoint, release }: Writer,
  waiting: Waiting,
): Promise<Settle> {
  const before = remembered.length;
  savepoint.run();
  try {
    const result = await waiting.body(tx);
    release.run();
    return () => waiting.resolve(result);
  } catch (error) {
    if (!connection.inTransaction) throw error;
    connection.exec('ROLLBACK TO body');
    release.run();
    remembered.length = before;
    return () => waiting.reject(asUnavailable(error));
  }
}
