/** What hangs on a user or a client that is about to go, as its table declares it (index.ts), taken in pieces before. */
import type { Parameter, Tx } from '../database.ts';
import type { LeavingClient } from '../tables/removed-clients.ts';
import { dependentsFirst, keyOf } from './index.ts';

export interface DependentTable {
  readonly table: string;
  readonly key: string;
  /** The column that names what the row hangs on. */
  readonly of: string;
}

/** Those that may have many rows. What else there is goes with the row itself. */
function dependentTables(parent: 'users' | 'clients'): readonly DependentTable[] {
  return dependentsFirst.flatMap((life) =>
    Object.entries(life.dependsOn ?? {})
      .filter(([, on]) => on?.table === parent && on.ends === 'pieces')
      .map(([of]) => ({ table: life.table, key: keyOf(life).join(', '), of })),
  );
}

/** Takes rows of those that `which` gives ($2 and on), at most `limit`; gives how many. */
function deleteRows(
  tx: Tx,
  { table, key, of }: DependentTable,
  limit: number,
  which: { readonly sql: string; readonly parameters: readonly Parameter[] },
): Promise<number> {
  return tx.run(
    `DELETE FROM ${table} WHERE (${key}) IN (SELECT ${key} FROM ${table} WHERE ${of} ${which.sql} LIMIT $1)`,
    limit,
    ...which.parameters,
  );
}

export const tablesOfUsers = dependentTables('users');

/** Takes rows of a user, at most `limit`; gives how many. */
export function deleteRowsOfUser(tx: Tx, sub: string, table: DependentTable, limit: number): Promise<number> {
  return deleteRows(tx, table, limit, { sql: '= $2', parameters: [sub] });
}

export const tablesOfClients = dependentTables('clients');

/** Takes rows of its, at most `limit`; gives how many. */
export function deleteRowsOfClient(
  tx: Tx,
  { client_id, created_at }: LeavingClient,
  table: DependentTable,
  limit: number,
): Promise<number> {
  return deleteRows(tx, table, limit, {
    sql: 'IN (SELECT client_id FROM clients WHERE client_id = $2 AND created_at = $3)',
    parameters: [client_id, created_at],
  });
}
