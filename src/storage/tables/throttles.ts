import type { Reader, Tx } from '../database.ts';

export interface ThrottleRow {
  throttle_key: string;
  attempts: number;
  window_started_at: number;
  blocked_until: number;
}

export function findThrottle(db: Reader, key: string): Promise<ThrottleRow | undefined> {
  return db.get<ThrottleRow>('SELECT * FROM throttles WHERE throttle_key = $1', key);
}

export async function putThrottle(tx: Tx, row: ThrottleRow): Promise<void> {
  await tx.run(
    `INSERT INTO throttles (throttle_key, attempts, window_started_at, blocked_until) VALUES ($1, $2, $3, $4)
     ON CONFLICT (throttle_key) DO UPDATE SET attempts = excluded.attempts,
       window_started_at = excluded.window_started_at, blocked_until = excluded.blocked_until`,
    row.throttle_key,
    row.attempts,
    row.window_started_at,
    row.blocked_until,
  );
}

export async function deleteThrottle(tx: Tx, key: string): Promise<void> {
  await tx.run('DELETE FROM throttles WHERE throttle_key = $1', key);
}
