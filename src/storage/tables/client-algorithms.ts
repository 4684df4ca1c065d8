import type { Reader, Tx } from '../database.ts';
import type { ClientRow } from './clients.ts';

export interface AlgorithmsOfClient {
  readonly client_id: string;
  readonly algorithms: readonly string[];
}

/** Replaces the signing algorithms of these clients with those of their current metadata. Three statements, however many. */
export async function replaceAlgorithms(tx: Tx, clients: readonly AlgorithmsOfClient[]): Promise<void> {
  if (clients.length === 0) return;
  const ids = clients.map(({ client_id }) => client_id);
  const places = ids.map((_id, index) => `$${index + 1}`).join(', ');
  await tx.run(`DELETE FROM client_algorithms WHERE client_id IN (${places})`, ...ids);
  const pairs = clients.flatMap(({ client_id, algorithms }) => algorithms.map((alg) => [alg, client_id]));
  if (pairs.length > 0) {
    const rows = pairs.map((_pair, index) => `($${2 * index + 1}, $${2 * index + 2})`).join(', ');
    await tx.run(`INSERT INTO client_algorithms (alg, client_id) VALUES ${rows}`, ...pairs.flat());
  }
  await tx.run(`UPDATE clients SET algorithms_at = updated_at WHERE client_id IN (${places})`, ...ids);
}

/** Whether any client, disabled or not, uses the algorithm. */
export async function isAlgorithmOfClient(db: Reader, alg: string): Promise<boolean> {
  return (await db.get('SELECT 1 AS there FROM client_algorithms WHERE alg = $1 LIMIT 1', alg)) !== undefined;
}

/** Counts the clients as in {@link isAlgorithmOfClient}. Only PS256 and EdDSA have rows. */
export async function countClientsOfAlgorithm(db: Reader, alg: string): Promise<number> {
  const row = await db.get<{ n: number }>('SELECT count(*) AS n FROM client_algorithms WHERE alg = $1', alg);
  return Number(row?.n);
}

/** Clients whose algorithms were not derived from their current metadata yet. */
export function listWithoutAlgorithms(
  db: Reader,
  limit: number,
): Promise<Pick<ClientRow, 'client_id' | 'metadata'>[]> {
  return db.all(
    `SELECT client_id, metadata FROM clients WHERE (algorithms_at IS NULL OR algorithms_at <> updated_at)
     ORDER BY client_id LIMIT $1`,
    limit,
  );
}
