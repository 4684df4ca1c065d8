import type { Reader, Tx } from '../database.ts';

export interface InteractionRow {
  interaction_id: string;
  /** The name of its purpose, which determines how `request` is read. */
  purpose: string;
  /** SHA-256 of the browser cookie; null until a first visit claims it (a cross-site POST carries no cookie). */
  browser_hash: string | null;
  /** null if no app began it. */
  client_id: string | null;
  /** The validated request as JSON: the stored one wins over anything sent later. */
  request: string;
  /** JSON: what each step stored, by the name of the step. */
  done: string;
  created_at: number;
  expires_at: number;
  completed_at: number | null;
}

/** False if its client was deleted or disabled. */
export async function insertInteraction(tx: Tx, row: InteractionRow): Promise<boolean> {
  const inserted = await tx.run(
    `INSERT INTO interactions (interaction_id, purpose, browser_hash, client_id, request, done, created_at,
       expires_at, completed_at)
     SELECT $1, $2, $3, CAST($4 AS TEXT), $5, $6, CAST($7 AS BIGINT), CAST($8 AS BIGINT), CAST($9 AS BIGINT)
     WHERE CAST($4 AS TEXT) IS NULL
       OR EXISTS (SELECT 1 FROM clients WHERE client_id = $4 AND disabled_at IS NULL)`,
    row.interaction_id,
    row.purpose,
    row.browser_hash,
    row.client_id,
    row.request,
    row.done,
    row.created_at,
    row.expires_at,
    row.completed_at,
  );
  return inserted === 1;
}

/** Also finds one that expired or was completed, until the clean-up deletes it. */
export function findInteraction(db: Reader, interactionId: string): Promise<InteractionRow | undefined> {
  return db.get<InteractionRow>('SELECT * FROM interactions WHERE interaction_id = $1', interactionId);
}

/** Binds an unbound interaction to the browser that visits it first. */
export async function claimInteraction(tx: Tx, interactionId: string, browserHash: string): Promise<boolean> {
  const changed = await tx.run(
    'UPDATE interactions SET browser_hash = $2 WHERE interaction_id = $1 AND browser_hash IS NULL',
    interactionId,
    browserHash,
  );
  return changed === 1;
}

/** Replaces `done`. True if it was still `before` and the interaction is not completed. */
export async function replaceDone(
  tx: Tx,
  interactionId: string,
  { before, after }: { readonly before: string; readonly after: string },
): Promise<boolean> {
  const changed = await tx.run(
    `UPDATE interactions SET done = $3
     WHERE interaction_id = $1 AND done = $2 AND completed_at IS NULL`,
    interactionId,
    before,
    after,
  );
  return changed === 1;
}

/** Restarts an interaction that expired; `done` is what remains of the finished steps. */
export async function renewInteraction(
  tx: Tx,
  interactionId: string,
  { nowMs, expires_at, done }: { readonly nowMs: number; readonly expires_at: number; readonly done: string },
): Promise<void> {
  await tx.run(
    `UPDATE interactions SET created_at = $2, expires_at = $3, done = $4
     WHERE interaction_id = $1 AND completed_at IS NULL AND expires_at <= $2`,
    interactionId,
    nowMs,
    expires_at,
    done,
  );
}

/** Spends the interaction: true once, for one caller. */
export async function completeInteraction(tx: Tx, interactionId: string, nowMs: number): Promise<boolean> {
  const changed = await tx.run(
    `UPDATE interactions SET completed_at = $2
     WHERE interaction_id = $1 AND completed_at IS NULL AND expires_at > $2`,
    interactionId,
    nowMs,
  );
  return changed === 1;
}
