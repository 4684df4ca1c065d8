/**
 * PostgreSQL through pg: a pool, serializable transactions that are retried after conflicts, time limits on all waiting, and
 * notifications of changes by other nodes. It runs the same SQL text as SQLite.
 */
import pg from 'pg';
import type { Database, Reader } from '../database.ts';
import { CHANNEL, type Follower, follow } from './change-notifications.ts';
import { poolRules } from './connection-settings-by-pool-mode.ts';
import { createConnections } from './connections.ts';
import { checkWritable, createDialectQuestion, inspect } from './inspect-server.ts';
import { createStatements } from './run-prepared-statements.ts';
import { createTransactions } from './transactions.ts';
import { readUrl } from './url.ts';

/** Shorter than LIMIT_MS: a working server cancels a statement before we close the connection. */
const STATEMENT_MS = 1500;
const LIMIT_MS = 2000;
const UNLIMITED_CONNECT_MS = 10_000;
const UNLIMITED_IDLE_MS = 60_000;
const IDLE_CONNECTION_MS = 30_000;
const KEEP_ALIVE_MS = 10_000;
const BIGINT_OID = 20;
/** An arbitrary number, the same in every process: only one process migrates at a time. */
const MIGRATION_LOCK = 4_721_903;

export interface PostgresOptions {
  /** For a server, whose clients wait: nothing takes longer than two seconds. Commands have no limit. */
  readonly timeLimited?: boolean;
}

/**
 * Connects lazily: an unreachable server is a StorageUnavailableError at the first query. In the URL, `?pool_size=8` sets the
 * largest number of connections, and `?pool_mode=transaction` is for a pooler in front of the server. Throws
 * StorageRefusedError if the URL cannot be used.
 */
export function openPostgres(url: string, { timeLimited = false }: PostgresOptions = {}): Database {
  const { connectionString, max, poolMode } = readUrl(url);
  const rules = poolRules(poolMode, {
    statementMs: timeLimited ? STATEMENT_MS : undefined,
    idleInTransactionMs: timeLimited ? LIMIT_MS * 2 : UNLIMITED_IDLE_MS,
  });
  const client = { ...clientConfig(connectionString, timeLimited), ...rules.startup };
  const statements = createStatements(rules);
  const pool = { ...client, max, idleTimeoutMillis: IDLE_CONNECTION_MS, allowExitOnIdle: true };
  const connections = createConnections(pool, rules.onConnect);
  const followers = new Set<Follower>();
  const dialect = createDialectQuestion();
  const isPostgres = async (on: Reader) => (await dialect(on)).isPostgres;
  const { reader, write, snapshot, liftLimits } = createTransactions({
    connections,
    statements,
    afterBegin: rules.afterBegin,
    limitMs: timeLimited ? LIMIT_MS : Number.POSITIVE_INFINITY,
    isPostgres,
    async notify(tx) {
      if (await isPostgres(tx)) await tx.get('SELECT pg_notify($1, $2)', CHANNEL, '');
    },
    changed() {
      for (const follower of followers) follower.changed();
    },
  });

  return {
    ...reader,
    write,
    snapshot,
    async lockSchema(tx) {
      // So that after waiting for the lock, this transaction sees the migrations of the process that held it.
      await tx.run('SET TRANSACTION ISOLATION LEVEL READ COMMITTED');
      await liftLimits(tx);
      // On other engines the migration's own row prevents a second run (migrate.ts).
      if (await isPostgres(tx)) await tx.get('SELECT pg_advisory_xact_lock($1)', MIGRATION_LOCK);
    },
    follow(read, tell) {
      const hasNotify = async (on: Reader) => rules.isListening && (await isPostgres(on));
      const follower = follow({ config: client, statements, hasNotify, read, tell });
      followers.add(follower);
      return follower;
    },
    checkWritable: () => checkWritable(reader),
    inspect: () => inspect(reader),
    async close() {
      for (const follower of followers) await follower.close();
      await connections.close();
    },
  };
}

function clientConfig(connectionString: string, timeLimited: boolean): pg.ClientConfig {
  return {
    connectionString,
    application_name: 'gatehouse',
    connectionTimeoutMillis: timeLimited ? LIMIT_MS : UNLIMITED_CONNECT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    // BIGINT columns hold milliseconds and counters, all below 2^53.
    types: {
      getTypeParser: (oid: number, format?: 'text' | 'binary') =>
        oid === BIGINT_OID ? Number : pg.types.getTypeParser(oid, format as 'text'),
    },
  };
}
