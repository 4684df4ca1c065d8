/**
 * How our limits and settings reach the server: with each connection, or, if a pooler assigns each transaction to any free
 * server connection, with each transaction. PgBouncer's pool_mode
 */
import type pg from 'pg';

export const poolModes = ['session', 'transaction'] as const;
export type PoolMode = (typeof poolModes)[number];

/**
 * PostgreSQL scans a nearly empty table sequentially, and a serializable transaction that did so conflicts with every writer
 * to the table: of 64 concurrent code flows five in six were retried. PostgreSQL 18 §13.2.3. Other engines may not have the
 * setting.
 */
const BY_INDEX = 'enable_seqscan = off';

export interface Limits {
  /** The server cancels a statement after this time; undefined: never. */
  readonly statementMs: number | undefined;
  readonly idleInTransactionMs: number;
}

/** How connections are set up in a pool mode. */
export interface PoolRules {
  /** Startup parameters. PgBouncer refuses those that it does not know. */
  readonly startup: pg.ClientConfig;
  /** SQL that is run once on each connection. */
  readonly onConnect: string | undefined;
  /** SQL that follows each BEGIN in the same message. */
  readonly afterBegin: string;
  /** Whether prepared statements have names, which exist only on the connection that prepared them. */
  readonly isNaming: boolean;
  /** Whether a connection receives notifications (LISTEN). */
  readonly isListening: boolean;
}

/**
 * In mode `transaction` there are no named statements and no LISTEN, because they belong to a server connection, and the next
 * transaction may get another one.
 */
export function poolRules(mode: PoolMode, { statementMs, idleInTransactionMs }: Limits): PoolRules {
  if (mode === 'session') {
    return {
      startup: {
        ...(statementMs !== undefined && { statement_timeout: statementMs }),
        idle_in_transaction_session_timeout: idleInTransactionMs,
      },
      onConnect: `SET ${BY_INDEX}`,
      afterBegin: '',
      isNaming: true,
      isListening: true,
    };
  }
  const settings = [
    BY_INDEX,
    `idle_in_transaction_session_timeout = ${idleInTransactionMs}`,
    ...(statementMs === undefined ? [] : [`statement_timeout = ${statementMs}`]),
  ];
  return {
    startup: {},
    onConnect: undefined,
    afterBegin: settings.map((setting) => `; SET LOCAL ${setting}`).join(''),
    isNaming: false,
    isListening: false,
  };
}
