import type { Reader, Tx } from '../database.ts';
import { type Spent, spendRow } from '../spend-row.ts';
import { CONSENT_HOLDS } from './consents.ts';
import { insertSessionClient } from './session-clients.ts';
import { LIVE_SESSION, SESSION_OF_USER, type SessionRow } from './sessions.ts';

export interface GrantRow {
  grant_id: string;
  sub: string;
  client_id: string;
  sid: string | null;
  /** What was granted, as JSON (oauth/access/). */
  access: string;
  /** 1 if offline_access was granted (OpenID Connect Core §11), 0 if the grant ends with its session. */
  outlives_session: number;
  auth_time: number;
  /** JSON array of RFC 8176 values. */
  amr: string;
  /** The acr claim of its tokens; null if the strength of the sign-in has no name. */
  acr: string | null;
  created_at: number;
  expires_at: number;
  revoked_at: number | null;
  /** The generation of the one live refresh token; null if the client may not refresh. */
  refresh_generation: number | null;
  refresh_salt: string | null;
  refreshed_at: number | null;
  /** A refresh token that is not used until this time expires. */
  refresh_idle_expires_at: number | null;
  /** A hash by which its authorization code is recognized after the code was spent and deleted. */
  code_binding: string | null;
  /** The user's grant_epoch and the client's epoch when it was made; it is valid only in these. */
  user_epoch: number;
  client_epoch: number;
  /** The keys that its refresh tokens are bound to, as JSON (oauth/confirmation-claim.ts); null for none. */
  confirmation: string | null;
}

/** A grant before its code is redeemed. */
export type NewGrantRow = Omit<GrantRow, 'confirmation'>;

/** Inserts the grant, and records that its client takes part in its session, unless that is recorded already. */
export async function insertGrant(tx: Tx, row: NewGrantRow, isParticipant = false): Promise<void> {
  await tx.run(
    `INSERT INTO grants (grant_id, sub, client_id, sid, access, outlives_session, auth_time, amr,
       created_at, expires_at, revoked_at, refresh_generation, refresh_salt, refreshed_at, refresh_idle_expires_at,
       code_binding, acr, user_epoch, client_epoch)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`,
    row.grant_id,
    row.sub,
    row.client_id,
    row.sid,
    row.access,
    row.outlives_session,
    row.auth_time,
    row.amr,
    row.created_at,
    row.expires_at,
    row.revoked_at,
    row.refresh_generation,
    row.refresh_salt,
    row.refreshed_at,
    row.refresh_idle_expires_at,
    row.code_binding,
    row.acr,
    row.user_epoch,
    row.client_epoch,
  );
  if (row.sid !== null && !isParticipant) await insertSessionClient(tx, row.sid, row.client_id);
}

export interface GrantStart extends Pick<GrantRow, 'confirmation'> {
  readonly refreshableMs: number;
  readonly otherMs: number;
}

/**
 * The code was redeemed: the grant gets its lifetime, from when it was made, as one with or without refresh tokens. One that
 * has expired or was revoked gets none, and the gate refuses it.
 */
export async function startGrant(
  tx: Tx,
  grantId: string,
  { refreshableMs, otherMs, confirmation }: GrantStart,
  nowMs: number,
): Promise<void> {
  await tx.run(
    `UPDATE grants SET confirmation = $4, expires_at = created_at +
       CASE WHEN refresh_generation IS NULL THEN CAST($3 AS BIGINT) ELSE CAST($2 AS BIGINT) END
     WHERE grant_id = $1 AND revoked_at IS NULL AND expires_at > $5`,
    grantId,
    refreshableMs,
    otherMs,
    confirmation,
    nowMs,
  );
}

interface UsedRefreshToken {
  readonly grant_id: string;
  readonly generation: number;
  readonly idle_expires_at: number;
}

const LIVE_GENERATION = `grant_id = $1 AND refresh_generation = $2 AND revoked_at IS NULL
   AND expires_at > $3 AND refresh_idle_expires_at > $3`;

/** Spends one generation of the grant's refresh tokens, for the one caller who rotates it; undefined for all others. */
export function rotateRefreshToken(
  tx: Tx,
  used: UsedRefreshToken,
  nowMs: number,
): Promise<Spent | undefined> {
  return spendRow(
    tx,
    `UPDATE grants SET refresh_generation = refresh_generation + 1, refreshed_at = $3, refresh_idle_expires_at = $4
     WHERE ${LIVE_GENERATION}`,
    used.grant_id,
    used.generation,
    nowMs,
    used.idle_expires_at,
  );
}

/** Extends a refresh token that is not rotated, which may be used again: for every use; undefined if it ended. */
export function keepRefreshToken(tx: Tx, used: UsedRefreshToken, nowMs: number): Promise<Spent | undefined> {
  return spendRow(
    tx,
    `UPDATE grants SET refresh_idle_expires_at = $4 WHERE ${LIVE_GENERATION}`,
    used.grant_id,
    used.generation,
    nowMs,
    used.idle_expires_at,
  );
}

export const PARENTS = `users.disabled_at AS user_disabled_at, clients.disabled_at AS client_disabled_at,
   sessions.ended_at AS session_ended_at, sessions.expires_at AS session_expires_at,
   sessions.idle_expires_at AS session_idle_expires_at, sessions.epoch AS session_epoch,
   users.grant_epoch AS user_grant_epoch, users.session_epoch AS user_session_epoch,
   clients.epoch AS client_epoch_now`;
export const WITH_PARENTS = `FROM grants
   JOIN users ON users.sub = grants.sub
   JOIN clients ON clients.client_id = grants.client_id
   LEFT JOIN sessions ON sessions.sid = grants.sid
   WHERE grants.grant_id = $1`;

/** The current session, user, client and consent of a grant that is to be made. */
export interface GrantParentsRow extends SessionRow {
  user_grant_epoch: number;
  client_profile: string;
  client_metadata: string;
  client_epoch: number;
  /** null if no consent is stored. */
  consent_access: string | null;
  /** null if the client has no grant in the session yet. */
  session_client_id: string | null;
}

/** One query for all of them; undefined if the session, the user or the client is not live. */
export function findGrantParents(
  tx: Tx,
  { sid, client_id }: { readonly sid: string; readonly client_id: string },
  nowMs: number,
): Promise<GrantParentsRow | undefined> {
  return tx.get<GrantParentsRow>(
    `SELECT sessions.*, users.grant_epoch AS user_grant_epoch, clients.profile AS client_profile,
       clients.metadata AS client_metadata, clients.epoch AS client_epoch, consents.access AS consent_access,
       session_clients.client_id AS session_client_id
     FROM ${SESSION_OF_USER}
     JOIN clients ON clients.client_id = $3 AND clients.disabled_at IS NULL
     LEFT JOIN consents ON consents.sub = sessions.sub AND consents.client_id = $3 AND ${CONSENT_HOLDS}
     LEFT JOIN session_clients ON session_clients.sid = sessions.sid AND session_clients.client_id = $3
     WHERE sessions.sid = $2 AND ${LIVE_SESSION}`,
    nowMs,
    sid,
    client_id,
  );
}

/** Also finds a grant that expired or was revoked, until the clean-up deletes it. */
export function findGrant(db: Reader, grantId: string): Promise<GrantRow | undefined> {
  return db.get<GrantRow>('SELECT * FROM grants WHERE grant_id = $1', grantId);
}

/** Ends the grant and with it all its tokens; false if it was ended before. */
export async function revokeGrant(tx: Tx, grantId: string, revokedAt: number): Promise<boolean> {
  const changed = await tx.run(
    'UPDATE grants SET revoked_at = $2 WHERE grant_id = $1 AND revoked_at IS NULL',
    grantId,
    revokedAt,
  );
  return changed === 1;
}
