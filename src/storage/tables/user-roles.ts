import type { Tx } from '../database.ts';

/** Changes nothing if the user has the role already. */
export async function insertRole(tx: Tx, sub: string, role: string): Promise<void> {
  await tx.run('INSERT INTO user_roles (sub, role) VALUES ($1, $2) ON CONFLICT DO NOTHING', sub, role);
}

/** Deletes all roles of the user; the caller then inserts the new ones. */
export async function deleteRolesOfUser(tx: Tx, sub: string): Promise<void> {
  await tx.run('DELETE FROM user_roles WHERE sub = $1', sub);
}
