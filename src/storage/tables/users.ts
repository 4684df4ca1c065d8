import type { Reader, Tx } from '../database.ts';

export interface UserRow {
  sub: string;
  username: string;
  /** The username as it is compared: NFKC, lower case. */
  username_key: string;
  email: string | null;
  email_key: string | null;
  /** Standard OIDC claims as JSON. */
  claims: string;
  created_at: number;
  updated_at: number;
  disabled_at: number | null;
  /** When its deletion began: the user can no longer be enabled or changed. */
  leaving_at: number | null;
  /** Sessions are valid only in this epoch, and grants only in this grant_epoch. */
  session_epoch: number;
  grant_epoch: number;
}

/** The columns that insertUser writes; the others have statements of their own. */
export type PersonRow = Omit<UserRow, 'session_epoch' | 'grant_epoch' | 'leaving_at'>;

/** Throws if the username_key or email_key is taken: the caller checks that in the same transaction. */
export async function insertUser(tx: Tx, row: PersonRow): Promise<void> {
  await tx.run(
    `INSERT INTO users (sub, username, username_key, email, email_key, claims, created_at, updated_at, disabled_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    row.sub,
    row.username,
    row.username_key,
    row.email,
    row.email_key,
    row.claims,
    row.created_at,
    row.updated_at,
    row.disabled_at,
  );
}

/** Also finds a user who is disabled or being deleted. */
export function findUser(db: Reader, sub: string): Promise<UserRow | undefined> {
  return db.get<UserRow>('SELECT * FROM users WHERE sub = $1', sub);
}

/** A user whose deletion has not begun, and who may be changed. */
export function findStayingUser(tx: Tx, sub: string): Promise<UserRow | undefined> {
  return tx.get<UserRow>('SELECT * FROM users WHERE sub = $1 AND leaving_at IS NULL', sub);
}

/** By username or by e-mail, each as it is compared; a username wins over another user's e-mail. */
export function findUserByLogin(db: Reader, loginKey: string): Promise<UserRow | undefined> {
  return db.get<UserRow>(
    `SELECT * FROM users WHERE username_key = $1 OR email_key = $1
     ORDER BY CASE WHEN username_key = $1 THEN 0 ELSE 1 END LIMIT 1`,
    loginKey,
  );
}

/** The usernames by sub, of those users that exist. */
export async function findUsernames(db: Reader, subs: readonly string[]): Promise<Map<string, string>> {
  if (subs.length === 0) return new Map([]);
  const places = subs.map((_sub, index) => `$${index + 1}`).join(', ');
  const rows = await db.all<Pick<UserRow, 'sub' | 'username'>>(
    `SELECT sub, username FROM users WHERE sub IN (${places})`,
    ...subs,
  );
  return new Map(rows.map(({ sub, username }) => [sub, username]));
}

/** Users by sub, and so the oldest first. */
export function listUsers(
  db: Reader,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<UserRow[]> {
  return db.all<UserRow>('SELECT * FROM users WHERE sub > $1 ORDER BY sub LIMIT $2', after, limit);
}

/**
 * updated_at always increases, whatever the clock: a restore takes the version with the later time
 * (backup/carry-over-sql.ts).
 */
export async function updateUser(
  tx: Tx,
  row: Omit<PersonRow, 'created_at' | 'disabled_at'>,
): Promise<UserRow | undefined> {
  const [changed] = await tx.all<UserRow>(
    `UPDATE users SET username = $2, username_key = $3, email = $4, email_key = $5, claims = $6,
       updated_at = CASE WHEN updated_at < $7 THEN $7 ELSE updated_at + 1 END
     WHERE sub = $1 RETURNING *`,
    row.sub,
    row.username,
    row.username_key,
    row.email,
    row.email_key,
    row.claims,
    row.updated_at,
  );
  return changed;
}

/** `disabledAt` null enables the user. False if there is no such user, or its deletion has begun. */
export async function setUserDisabled(tx: Tx, sub: string, disabledAt: number | null): Promise<boolean> {
  const sql = 'UPDATE users SET disabled_at = $2 WHERE sub = $1 AND leaving_at IS NULL';
  return (await tx.run(sql, sub, disabledAt)) === 1;
}

/** Begins the deletion: the user is disabled and cannot be enabled again. */
export async function startLeaving(tx: Tx, sub: string, nowMs: number): Promise<void> {
  await tx.run('UPDATE users SET leaving_at = $2, disabled_at = $2 WHERE sub = $1', sub, nowMs);
}

/** The subs of the users whose deletion has begun, the earliest first. */
export async function listLeavingUsers(db: Reader, limit: number): Promise<string[]> {
  const rows = await db.all<Pick<UserRow, 'sub'>>(
    'SELECT sub FROM users WHERE leaving_at IS NOT NULL ORDER BY leaving_at LIMIT $1',
    limit,
  );
  return rows.map(({ sub }) => sub);
}

/** Ends all sessions of the user that exist now. */
export async function raiseSessionEpoch(tx: Tx, sub: string): Promise<void> {
  await tx.run('UPDATE users SET session_epoch = session_epoch + 1 WHERE sub = $1', sub);
}

/** Ends all grants of the user that exist now. */
export async function raiseGrantEpoch(tx: Tx, sub: string): Promise<void> {
  await tx.run('UPDATE users SET grant_epoch = grant_epoch + 1 WHERE sub = $1', sub);
}

/** The last step of a deletion. False if the user does not exist, or no deletion began. */
export async function deleteLeavingUser(tx: Tx, sub: string): Promise<boolean> {
  return (await tx.run('DELETE FROM users WHERE sub = $1 AND leaving_at IS NOT NULL', sub)) === 1;
}
