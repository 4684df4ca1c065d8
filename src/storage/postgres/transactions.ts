/** Serializable transactions that are retried after conflicts, and snapshots for reading. */
import { pause } from '../../lib/pause.ts';
import type { AuditEntry, Database, LockableTable, Parameter, Reader, Tx } from '../database.ts';
import { StorageUnavailableError } from '../storage-errors.ts';
import { insertAuditLog } from '../tables/audit-log.ts';
import type { Connections, Lease } from './connections.ts';
import { isConflict, isLost, isStalePlan } from './errors.ts';
import type { Statements } from './run-prepared-statements.ts';

/** With twenty concurrent writers to one row a few attempts are enough; more than this is an overload. */
const ATTEMPTS = 40;

/** Measured with 20 concurrent writers to one row: doubling from 2 ms, a third of the attempts failed. */
const PAUSE_STEP_MS = 5;
const LONGEST_PAUSE_MS = 60;

/** After this many attempts, a transaction that ends rows locks the table against those that insert. */
const ATTEMPTS_WITHOUT_LOCK = 4;

/** Waits for current writers and blocks new ones; the snapshot begins after the lock is taken (PostgreSQL 18, LOCK). */
const LOCKS: Readonly<Record<LockableTable, string>> = {
  grants: 'LOCK TABLE grants IN SHARE ROW EXCLUSIVE MODE',
  clients: 'LOCK TABLE clients IN SHARE ROW EXCLUSIVE MODE',
  throttles: 'LOCK TABLE throttles IN SHARE ROW EXCLUSIVE MODE',
};

/** The functions that this module gives to the database. */
export interface Abilities {
  /** Removes the time limits of a transaction. */
  readonly liftLimits: (tx: Tx) => Promise<void>;
  readonly reader: Reader;
  readonly write: Database['write'];
  readonly snapshot: Database['snapshot'];
}

export interface TransactionParts {
  readonly connections: Connections;
  readonly statements: Statements;
  /** SQL that follows each BEGIN in the same message. */
  readonly afterBegin: string;
  /** For one transaction or read, including waiting and retries. Milliseconds; Infinity for no limit. */
  readonly limitMs: number;
  /** Whether it is PostgreSQL itself, not another engine with its protocol. */
  readonly isPostgres: (reader: Reader) => Promise<boolean>;
  /** Sends the notification of a change, in the transaction that makes it. */
  readonly notify: (tx: Reader) => Promise<void>;
  /** Called after the commit of a transaction that announced a change, before its caller continues. */
  readonly changed: () => void;
}

/**
 * `write` runs its body again after a conflict, up to 40 times within `limitMs`, and then throws
 * StorageUnavailableError. So a body must have no effects other than through `tx`.
 */
export function createTransactions(parts: TransactionParts): Abilities {
  const leases = new WeakMap<Tx, Lease>();
  const { statements, afterBegin } = parts;
  const begin = ({ connection }: Lease, mode: string) =>
    statements.ask(connection, `BEGIN ISOLATION LEVEL ${mode}${afterBegin}`);

  /** SERIALIZABLE: a body may read and then write without races, as with SQLite's one writer. */
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
        // The connection is closed afterwards, which ends the transaction.
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

/** The `tx` of a body, with the audit events and the announcement that it collects for the commit. */
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
      // Queried at the first attempt, so that in a later one no query precedes the lock.
      if ((await isPostgres(reader)) && attempt > ATTEMPTS_WITHOUT_LOCK) await run(LOCKS[table]);
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

/** Each read uses any free connection. */
function createPooledReader(parts: TransactionParts): Reader {
  function read<Result>(query: (reader: Reader) => Promise<Result>): Promise<Result> {
    return withRetries(parts, ({ connection }) => query(parts.statements.readerOn(connection)));
  }
  return {
    get: <Row>(sql: string, ...parameters: readonly Parameter[]) =>
      read((reader) => reader.get<Row>(sql, ...parameters)),
    all: <Row>(sql: string, ...parameters: readonly Parameter[]) =>
      read((reader) => reader.all<Row>(sql, ...parameters)),
  };
}
