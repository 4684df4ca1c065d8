import type { Reader, Tx } from '../database.ts';

export interface InteractionRow {
  interaction_id: string;
  /** SHA-256 of the browser cookie; null until a first visit claims it (a cross-site POST carries no cookie). */
  browser_hash: string | null;
  client_id: string;
  /** The validated authorization request as JSON: the stored one wins over anything sent later. */
  request: string;
  decision: 'allow' | 'deny' | null;
  /** The user who decided; a decision does not carry over to another. */
  decided_sub: string | null;
  /** The account that was chosen; '' asks for another than those signed in, null is no choice. */
  selected_sub: string | null;
  /** The session that was begun or proved again in this interaction. */
  signed_in_sid: string | null;
  /** What was allowed in it and was not before, as JSON. */
  consent_added: string | null;
  created_at: number;
  expires_at: number;
  completed_at: number | null;
}

/** False where its client is not there any more, or disabled. */
export async function insertInteraction(
  tx: Tx,
  row: Omit<InteractionRow, 'consent_added'>,
): Promise<boolean> {
  const inserted = await tx.run(
    `INSERT INTO interactions (interaction_id, browser_hash, client_id, request, decision, decided_sub,
       selected_sub, signed_in_sid, created_at, expires_at, completed_at)
     SELECT $1, $2, client_id, $4, $5, $6, $7, $8, $9, $10, $11
     FROM clients WHERE client_id = $3 AND disabled_at IS NULL`,
    row.interaction_id,
    row.browser_hash,
    row.client_id,
    row.request,
    row.decision,
    row.decided_sub,
    row.selected_sub,
    row.signed_in_sid,
    row.created_at,
    row.expires_at,
    row.completed_at,
  );
  return inserted === 1;
}

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

/** A denial is final; what was allowed is allowed again where it was withdrawn meanwhile. */
export async function decideInteraction(
  tx: Tx,
  interactionId: string,
  decision: 'allow' | 'deny',
  decidedSub: string,
): Promise<boolean> {
  const changed = await tx.run(
    `UPDATE interactions SET decision = $2, decided_sub = $3
     WHERE interaction_id = $1 AND (decision IS NULL OR decision = 'allow' OR decided_sub <> $3)
       AND completed_at IS NULL`,
    interactionId,
    decision,
    decidedSub,
  );
  return changed === 1;
}

/** Outlives what {@link renewInteraction} forgets: the consent does, too. */
export async function noteConsentAdded(tx: Tx, interactionId: string, added: string): Promise<void> {
  await tx.run('UPDATE interactions SET consent_added = $2 WHERE interaction_id = $1', interactionId, added);
}

/** Remembers the account that was chosen, until another is; '' is none of those that are signed in, however they are. */
export async function selectAccount(tx: Tx, interactionId: string, selectedSub: string): Promise<boolean> {
  const changed = await tx.run(
    `UPDATE interactions SET selected_sub = $2, signed_in_sid = CASE WHEN $2 = '' THEN NULL ELSE signed_in_sid END
     WHERE interaction_id = $1 AND completed_at IS NULL`,
    interactionId,
    selectedSub,
  );
  return changed === 1;
}

/** Begins one anew that expired: what was chosen, decided and proved in it was so for the one before. */
export async function renewInteraction(
  tx: Tx,
  interactionId: string,
  { nowMs, expires_at }: { readonly nowMs: number; readonly expires_at: number },
): Promise<void> {
  await tx.run(
    `UPDATE interactions SET created_at = $2, expires_at = $3, decision = NULL, decided_sub = NULL,
       selected_sub = NULL, signed_in_sid = NULL
     WHERE interaction_id = $1 AND completed_at IS NULL AND expires_at <= $2`,
    interactionId,
    nowMs,
    expires_at,
  );
}

/** Remembers whose sign-in this interaction led to. */
export async function noteSignIn(tx: Tx, interactionId: string, sid: string): Promise<void> {
  await tx.run(
    'UPDATE interactions SET signed_in_sid = $2 WHERE interaction_id = $1 AND completed_at IS NULL',
    interactionId,
    sid,
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
