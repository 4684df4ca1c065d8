/** A grant, or an access token's, with what it hangs on: its user, client and session. */
import type { Reader } from '../database.ts';
import { type GrantRow, PARENTS, WITH_PARENTS } from './grants.ts';

/** What decides whether a grant is usable: its own state and that of its user, client and session. */
export interface Standing
  extends Pick<GrantRow, 'outlives_session' | 'expires_at' | 'revoked_at' | 'user_epoch' | 'client_epoch'> {
  user_grant_epoch: number;
  client_epoch_now: number;
  user_session_epoch: number;
  user_disabled_at: number | null;
  client_disabled_at: number | null;
  session_ended_at: number | null;
  /** null if the session was deleted, like the next two. */
  session_expires_at: number | null;
  session_idle_expires_at: number | null;
  session_epoch: number | null;
}

export interface GrantStandingRow extends GrantRow, Standing {
  /** The installation's revision (revision-and-restore-times.ts), which shows whether a cached client is still current. */
  revision: number;
}

const GRANT_STANDING = `SELECT grants.*, ${PARENTS},
   (SELECT value FROM revisions WHERE name = 'house') AS revision ${WITH_PARENTS}`;
const TOKEN_STANDING = `SELECT grants.grant_id, grants.sub, grants.access, grants.outlives_session, grants.expires_at,
   grants.revoked_at, grants.user_epoch, grants.client_epoch, ${PARENTS},
   users.username, users.email, users.claims AS user_claims, users.updated_at AS user_updated_at,
   (SELECT jti FROM revoked_tokens WHERE jti = $2) AS revoked_jti ${WITH_PARENTS}`;
/** The grant with everything that oauth/gate-before-issuing.ts checks. undefined if the grant, its user or its client does not exist. */
export function findGrantStanding(db: Reader, grantId: string): Promise<GrantStandingRow | undefined> {
  return db.get<GrantStandingRow>(GRANT_STANDING, grantId);
}

/** What an access token of a grant refers to: the state of the grant, and the user. */
export interface TokenStandingRow extends Standing, Pick<GrantRow, 'grant_id' | 'sub' | 'access'> {
  username: string;
  email: string | null;
  /** Standard OIDC claims as JSON. */
  user_claims: string;
  user_updated_at: number;
  /** null unless this single token was revoked. */
  revoked_jti: string | null;
}

/** One query for a presented token: it is the most frequent of all queries. */
export function findTokenStanding(
  db: Reader,
  grantId: string,
  jti: string,
): Promise<TokenStandingRow | undefined> {
  return db.get<TokenStandingRow>(TOKEN_STANDING, grantId, jti);
}
