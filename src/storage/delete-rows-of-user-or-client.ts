/** Rows that reference a user or a client being deleted: deleted in pieces before it, as restore-and-cleanup-rules/ declares. */
import type { Parameter, Tx } from './database.ts';
import { dependentsFirst, keyOf } from './restore-and-cleanup-rules/index.ts';
import type { LeavingClient } from './tables/client-deletion.ts';

export interface DependentTable {
  readonly table: string;
  readonly key: string;
  /** The column that references the user or the client. */
  readonly column: string;
}

/** The tables that may have many such rows. The rows of other tables are deleted with the referenced row. */
function dependentTables(parent: 'users' | 'clients'): readonly DependentTable[] {
  return dependentsFirst.flatMap((life) =>
    Object.entries(life.dependsOn ?? {})
      .filter(([, on]) => on?.table === parent && on.ends === 'pieces')
      .map(([column]) => ({ table: life.table, key: keyOf(life).join(', '), column })),
  );
}

/** Deletes at most `limit` rows whose reference matches the condition (parameters from $2 on). Returns how many. */
function deleteRows(
  tx: Tx,
  { table, key, column }: DependentTable,
  limit: number,
  condition: { readonly sql: string; readonly parameters: readonly Parameter[] },
): Promise<number> {
  return tx.run(
    `DELETE FROM ${table} WHERE (${key}) IN (SELECT ${key} FROM ${table} WHERE ${column} ${condition.sql} LIMIT $1)`,
    limit,
    ...condition.parameters,
  );
}

export const tablesOfUsers = dependentTables('users');

/** Deletes at most `limit` rows of a user. Returns how many. */
export function deleteRowsOfUser(tx: Tx, sub: string, table: DependentTable, limit: number): Promise<number> {
  return deleteRows(tx, table, limit, { sql: '= $2', parameters: [sub] });
}

export const tablesOfClients = dependentTables('clients');

/** Deletes at most `limit` rows of a client that is being deleted. Returns how many. */
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
