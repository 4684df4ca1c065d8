/** Serializable transactions that are tried again where two of them conflict, and snapshots to read from. */
import {
  type AuditEntry,
  type Database,
  type Parameter,
  type Reader,
  StorageUnavailableError,
  type Tx,
} from '../database.ts';
import { insertAuditLog } from '../tables/audit.ts';
import type { Connections, Lease } from './connections.ts';
import { isConflict, isLost, isStalePlan } from './failures.ts';
import { ask, createReader } from './statements.ts';

/** A row that twenty hands pull at is free again after a few; more than this is an overload. */
const ATTEMPTS = 40;
/** Measured with 20 hands on one row: doubling from 2 ms lost a third to attempts in vain. */
const PAUSE_STEP_MS = 5;
const LONGEST_PAUSE_MS = 60;

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
  /** For one transaction or read, waiting and repeating included; Infinity for none. Milliseconds. */
  readonly limitMs: number;
  /** Sends the notification of a change, in the transaction that makes it. */
  readonly notify: (tx: Reader) => Promise<void>;
  /** Told after the commit of a transaction that announced a change, before its caller is. */
  readonly changed: () => void;
}

export function createTransactions(parts: TransactionParts): Abilities {
  const leases = new WeakMap<Tx, Lease>();

  /** SERIALIZABLE: a body may read and then write, as behind SQLite's one writer. */
  async function transact<Result>(lease: Lease, body: (tx: Tx) => Promise<Result>): Promise<Result> {
    const { connection } = lease;
    const announced = { any: false };
    const remembered: AuditEntry[] = [];
    const tx = createTx(lease, remembered, async () => {
      announced.any = true;
      await parts.notify(tx);
    });
    leases.set(tx, lease);
    try {
      await ask(connection, 'BEGIN ISOLATION LEVEL SERIALIZABLE');
      const result = await body(tx);
      await insertAuditLog(tx, remembered);
      await commit(lease);
      if (announced.any) parts.changed();
      return result;
    } catch (error) {
      if (!isLost(error)) await connection.query('ROLLBACK').catch(lease.discard);
      throw error;
    }
  }

  return {
    reader: createPooledReader(parts),
    write: (body) => withRetries(parts, (lease) => transact(lease, body)),
    snapshot: (body) =>
      parts.connections.lend(Number.POSITIVE_INFINITY, async (lease) => {
        // Closed afterwards, and the transaction with it.
        lease.discard();
        await ask(lease.connection, 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
        return body(createReader(lease.connection));
      }),
    async liftLimits(tx) {
      leases.get(tx)?.liftLimit();
      await tx.run('SET LOCAL statement_timeout = 0');
    },
  };
}

function createTx({ connection }: Lease, remembered: AuditEntry[], announceChange: () => Promise<void>): Tx {
  return {
    ...createReader(connection),
    run: async (sql, ...parameters) => (await ask(connection, sql, parameters)).rowCount ?? 0,
    audit: (entry) => void remembered.push(entry),
    announceChange,
  };
}

/** PostgreSQL answers the COMMIT of a failed transaction with ROLLBACK, and calls that a success. */
async function commit({ connection }: Lease): Promise<void> {
  const { command } = await ask(connection, 'COMMIT');
  if (command !== 'COMMIT') throw new Error('a statement failed and its failure was passed over');
}

async function withRetries<Result>(
  { connections, limitMs }: TransactionParts,
  use: (lease: Lease) => Promise<Result>,
): Promise<Result> {
  const endMs = performance.now() + limitMs;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await connections.lend(endMs - performance.now(), use);
    } catch (error) {
      if (!isConflict(error) && !isStalePlan(error)) throw error;
      const pauseMs = Math.min(LONGEST_PAUSE_MS, PAUSE_STEP_MS * attempt) * Math.random();
      if (attempt === ATTEMPTS || performance.now() + pauseMs > endMs) {
        throw new StorageUnavailableError('the database is too busy with the same rows');
      }
      await new Promise((done) => setTimeout(done, pauseMs));
    }
  }
}

/** Each read on whichever connection is free. */
function createPooledReader(parts: TransactionParts): Reader {
  function read<Result>(how: (reader: Reader) => Promise<Result>): Promise<Result> {
    return withRetries(parts, ({ connection }) => how(createReader(connection)));
  }
  return {
    get: <Row>(sql: string, ...parameters: readonly Parameter[]) =>
      read((reader) => reader.get<Row>(sql, ...parameters)),
    all: <Row>(sql: string, ...parameters: readonly Parameter[]) =>
      read((reader) => reader.all<Row>(sql, ...parameters)),
  };
}
