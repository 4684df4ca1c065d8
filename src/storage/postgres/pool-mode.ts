/**
 * How the limits and settings of our own reach the server: with the connection and once on it, or, where a pooler gives
 * each transaction to whichever server connection is free, with each transaction. PgBouncer's pool_mode
 */
import type pg from 'pg';

export const poolModes = ['session', 'transaction'] as const;
export type PoolMode = (typeof poolModes)[number];

/**
 * A table that is nearly empty is read whole, and a serializable transaction that did so conflicts with everybody who
 * writes to it: of 64 code flows at once five in six were tried again. PostgreSQL 18 §13.2.3. Other engines may not
 * know it.
 */
const BY_INDEX = 'enable_seqscan = off';

export interface Limits {
  /** A server that lives takes a statement back after so long; undefined: never. */
  readonly statementMs: number | undefined;
  readonly idleInTransactionMs: number;
}

/** What a mode asks of the connections. */
export interface PoolRules {
  /** Sent with the connection. PgBouncer refuses what it does not know there. */
  readonly startup: pg.ClientConfig;
  /** Said once on each connection. */
  readonly onConnect: string | undefined;
  /** Said after each BEGIN, in the same message. */
  readonly afterBegin: string;
  /** Whether statements are prepared by name: a connection knows its own alone. */
  readonly isNaming: boolean;
  /** Whether a connection hears what others NOTIFY. */
  readonly isListening: boolean;
}

/**
 * In mode `transaction` there are no named statements and no LISTEN, as they belong to a server connection that the
 * next transaction may not get.
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
