/** Serializable transactions that are tried again where two of them conflict, and snapshots to read from. */
import { pause } from '../../lib/pause.ts';
import {
  type AuditEntry,
  type Database,
  type LockableTable,
  type Parameter,
  type Reader,
  StorageUnavailableError,
  type Tx,
} from '../database.ts';
import { insertAuditLog } from '../tables/audit.ts';
import type { Connections, Lease } from './connections.ts';
import { isConflict, isLost, isStalePlan } from './errors.ts';
import type { Statements } from './statements.ts';

/** A row that twenty hands pull at is free again after a few; more than this is an overload. */
const ATTEMPTS = 40;
/** Measured with 20 hands on one row: doubling from 2 ms lost a third to attempts in vain. */
const PAUSE_STEP_MS = 5;
const LONGEST_PAUSE_MS = 60;
/** So often whoever ends grants may be outpaced by those who make them. */
const PATIENT_ATTEMPTS = 4;
/** Waits for those who write to it, and lets nobody else; the snapshot begins after it (PostgreSQL 18, LOCK). */
const LOCKS: Readonly<Record<LockableTable, string>> = {
  grants: 'LOCK TABLE grants IN SHARE ROW EXCLUSIVE MODE',
  clients: 'LOCK TABLE clients IN SHARE ROW EXCLUSIVE MODE',
  throttles: 'LOCK TABLE throttles IN SHARE ROW EXCLUSIVE MODE',
};

/** What a body can do here beside its statements. */
export interface Abilities {
  /** For a body that may take as long as it takes. */
  readonly liftLimits: (tx: Tx) => Promise<void>;
  readonly reader: Reader;
  readonly write: Database['write'];
  readonly snapshot: Database['snapshot'];
}

export interface TransactionParts {
  readonly connections: Connections;
  readonly statements: Statements;
  /** Said after each BEGIN, in the same message. */
  readonly afterBegin: string;
  /** For one transaction or read, waiting and repeating included; Infinity for none. Milliseconds. */
  readonly limitMs: number;
  /** Whether it is PostgreSQL, which others only speak like. */
  readonly isPostgres: (reader: Reader) => Promise<boolean>;
  /** Sends the notification of a change, in the transaction that makes it. */
  readonly notify: (tx: Reader) => Promise<void>;
  /** Told after the commit of a transaction that announced a change, before its caller is. */
  readonly changed: () => void;
}

/**
 * `write` runs its body again after a conflict, up to 40 times within `limitMs`, and then throws
 * StorageUnavailableError. So a body must have no effect but what it does through `tx`.
 */
export function createTransactions(parts: TransactionParts): Abilities {
  const leases = new WeakMap<Tx, Lease>();
  const { statements, afterBegin } = parts;
  const begin = ({ connection }: Lease, mode: string) =>
    statements.ask(connection, `BEGIN ISOLATION LEVEL ${mode}${afterBegin}`);

  /** SERIALIZABLE: a body may read and then write, as behind SQLite's one writer. */
  async function transact<Result>(
    lease: Lease,
    attempt: number,
    body: (tx: Tx) => Promise<Result>,
  ): Promise<Result> {
    const { connection } = lease;
    const { tx, remembered, announced } = createTx(parts, lease, attempt);
    leases.set(tx, lease);
    try {
      await begin(lease, 'SERIALIZABLE');
      const result = await body(tx);
      await insertAuditLog(tx, remembered);
      await commit(parts, lease);
      for (const entry of remembered) entry.committed?.();
      if (announced.any) parts.changed();
      return result;
    } catch (error) {
      if (!isLost(error)) await connection.query('ROLLBACK').catch(lease.discard);
      throw error;
    }
  }

  return {
    reader: createPooledReader(parts),
    write: (body) => withRetries(parts, (lease, attempt) => transact(lease, attempt, body)),
    snapshot: (body) =>
      parts.connections.lend(Number.POSITIVE_INFINITY, async (lease) => {
        // Closed afterwards, and the transaction with it.
        lease.discard();
        await begin(lease, 'REPEATABLE READ READ ONLY');
        return body(statements.readerOn(lease.connection));
      }),
    async liftLimits(tx) {
      leases.get(tx)?.liftLimit();
      await tx.run('SET LOCAL statement_timeout = 0');
    },
  };
}

/** What a body is given, and what becomes of it with the commit. */
function createTx(
  { notify, isPostgres, statements }: TransactionParts,
  { connection }: Lease,
  attempt: number,
) {
  const announced = { any: false };
  const remembered: AuditEntry[] = [];
  const reader = statements.readerOn(connection);
  const run: Tx['run'] = async (sql, ...parameters) =>
    (await statements.ask(connection, sql, parameters)).rowCount ?? 0;
  const tx: Tx = {
    ...reader,
    run,
    audit: (entry) => void remembered.push(entry),
    async announceChange() {
      announced.any = true;
      await notify(reader);
    },
    async lockTableOnRetry(table: LockableTable = 'grants') {
      // Asked at the first attempt, so that nothing comes before the lock later.
      if ((await isPostgres(reader)) && attempt > PATIENT_ATTEMPTS) await run(LOCKS[table]);
    },
  };
  return { tx, remembered, announced };
}

/** PostgreSQL answers the COMMIT of a failed transaction with ROLLBACK, and calls that a success. */
async function commit({ statements }: TransactionParts, { connection }: Lease): Promise<void> {
  const { command } = await statements.ask(connection, 'COMMIT');
  if (command !== 'COMMIT') throw new Error('a statement failed and its failure was passed over');
}

async function withRetries<Result>(
  { connections, limitMs }: TransactionParts,
  use: (lease: Lease, attempt: number) => Promise<Result>,
): Promise<Result> {
  const endMs = performance.now() + limitMs;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await connections.lend(endMs - performance.now(), (lease) => use(lease, attempt));
    } catch (error) {
      if (!isConflict(error) && !isStalePlan(error)) throw error;
      const pauseMs = Math.min(LONGEST_PAUSE_MS, PAUSE_STEP_MS * attempt) * Math.random();
      if (attempt === ATTEMPTS || performance.now() + pauseMs > endMs) {
        throw new StorageUnavailableError('the database is too busy with the same rows');
      }
      await pause(pauseMs);
    }
  }
}

/** Each read on whichever connection is free. */
function createPooledReader(parts: TransactionParts): Reader {
  function read<Result>(how: (reader: Reader) => Promise<Result>): Promise<Result> {
    return withRetries(parts, ({ connection }) => how(parts.statements.readerOn(connection)));
  }
  return {
    get: <Row>(sql: string, ...parameters: readonly Parameter[]) =>
      read((reader) => reader.get<Row>(sql, ...parameters)),
    all: <Row>(sql: string, ...parameters: readonly Parameter[]) =>
      read((reader) => reader.all<Row>(sql, ...parameters)),
  };
}
