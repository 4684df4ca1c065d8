/**
 * The database that a restore replaces knows what the backup does not: who was disabled since, which secret ended,
 * which key was withdrawn. Access that was taken away stays taken away; nothing else is carried over.
 */
import { existsSync } from 'node:fs';
import SqliteDatabase from 'better-sqlite3';
import { pin } from './pinned.ts';
import type { Connection } from './sqlite-statements.ts';

/** Names, so that the operator can look at each. */
export interface Carried {
  readonly users_disabled: readonly string[];
  /** Not there any more: disabled, as only the operator knows whether the restore is there to bring them back. */
  readonly users_deleted: readonly string[];
  readonly clients_disabled: readonly string[];
  readonly clients_deleted: readonly string[];
  /** Clients with a secret that ended. */
  readonly secrets_ended: readonly string[];
  /** `username client_id` of consents that were withdrawn or changed: they are asked again. */
  readonly consents_withdrawn: readonly string[];
  /** `username group` of those who left a group, and `username role` of roles that were taken. */
  readonly groups_left: readonly string[];
  readonly roles_taken: readonly string[];
  /** Keys that are new, or have other times. */
  readonly keys: readonly string[];
  /** Keys that are not there any more, such as one that leaked: they are gone. */
  readonly keys_withdrawn: readonly string[];
  /** Not carried over: users whose old password is good again. */
  readonly passwords_changed: readonly string[];
  /** Not carried over: clients with a newer secret, which is unknown now. */
  readonly secrets_lost: readonly string[];
}

/** Each gives one column. $now is in milliseconds; `since` is the database that is replaced. */
const questions: Readonly<Record<keyof Carried, string>> = {
  passwords_changed: `SELECT username FROM users JOIN passwords USING (sub) JOIN since.passwords AS later USING (sub)
    WHERE later.hash <> passwords.hash AND later.changed_at > passwords.changed_at`,
  secrets_lost: `SELECT DISTINCT client_id FROM since.client_secrets AS later JOIN clients USING (client_id)
    WHERE later.secret_hash NOT IN
      (SELECT secret_hash FROM client_secrets WHERE client_secrets.client_id = later.client_id)`,
  // Before the users and clients: whose consent it was is told by their names.
  consents_withdrawn: `DELETE FROM consents WHERE NOT EXISTS (SELECT 1 FROM since.consents AS later
      WHERE later.sub = consents.sub AND later.client_id = consents.client_id
        AND later.scope = consents.scope AND later.resources = consents.resources)
    RETURNING (SELECT username FROM users WHERE users.sub = consents.sub) || ' ' || client_id`,
  groups_left: `DELETE FROM group_members WHERE NOT EXISTS (SELECT 1 FROM since.group_members AS later
      WHERE later.sub = group_members.sub AND later.group_name = group_members.group_name)
    RETURNING (SELECT username FROM users WHERE users.sub = group_members.sub) || ' ' || group_name`,
  roles_taken: `DELETE FROM user_roles WHERE NOT EXISTS (SELECT 1 FROM since.user_roles AS later
      WHERE later.sub = user_roles.sub AND later.role = user_roles.role)
    RETURNING (SELECT username FROM users WHERE users.sub = user_roles.sub) || ' ' || role`,
  users_disabled: `UPDATE users SET disabled_at = $now WHERE disabled_at IS NULL
      AND sub IN (SELECT sub FROM since.users WHERE disabled_at IS NOT NULL) RETURNING username`,
  users_deleted: `UPDATE users SET disabled_at = $now WHERE disabled_at IS NULL
      AND sub NOT IN (SELECT sub FROM since.users) RETURNING username`,
  clients_disabled: `UPDATE clients SET disabled_at = $now WHERE disabled_at IS NULL
      AND client_id IN (SELECT client_id FROM since.clients WHERE disabled_at IS NOT NULL) RETURNING client_id`,
  clients_deleted: `UPDATE clients SET disabled_at = $now WHERE disabled_at IS NULL
      AND client_id NOT IN (SELECT client_id FROM since.clients) RETURNING client_id`,
  secrets_ended: `UPDATE client_secrets SET expires_at = later.expires_at FROM since.client_secrets AS later
    WHERE later.client_id = client_secrets.client_id AND later.secret_hash = client_secrets.secret_hash
      AND later.expires_at < coalesce(client_secrets.expires_at, later.expires_at + 1)
    RETURNING client_secrets.client_id`,
  keys: `INSERT OR REPLACE INTO keys (kid, alg, public_jwk, private_sealed,
      created_at, activates_at, retires_at, removed_at)
    SELECT kid, alg, public_jwk, private_sealed, created_at, activates_at, retires_at, removed_at
    FROM since.keys AS later WHERE NOT EXISTS (SELECT 1 FROM keys WHERE keys.kid = later.kid
      AND keys.activates_at = later.activates_at AND keys.retires_at IS later.retires_at
      AND keys.removed_at IS later.removed_at)
    RETURNING kid`,
  keys_withdrawn: 'DELETE FROM keys WHERE kid NOT IN (SELECT kid FROM since.keys) RETURNING kid',
};

/**
 * From `replaced` into `prepared`, in one transaction. Undefined, and nothing done, where there is no such file, it
 * cannot be read, or it is another house: one that shares no key with the backup.
 */
export function carryOver(replaced: string, prepared: string, nowMs: number): Carried | undefined {
  if (!existsSync(replaced)) return undefined;
  const connection = pin(new SqliteDatabase(prepared));
  try {
    pin(connection.prepare('ATTACH ? AS since')).run(replaced);
    connection.exec('BEGIN');
    const carried = isSameHouse(connection) ? ask(connection, nowMs) : undefined;
    connection.exec('COMMIT');
    return carried;
  } catch (error) {
    // Closing rolls back.
    if (tellsNothing(error)) return undefined;
    throw error;
  } finally {
    connection.close();
  }
}

/** Damaged, foreign, or older than our tables. */
function tellsNothing(error: unknown): boolean {
  return (
    error instanceof SqliteDatabase.SqliteError &&
    /^SQLITE_(CORRUPT|NOTADB|CANTOPEN|IOERR|ERROR)/.test(error.code)
  );
}

function isSameHouse(connection: Connection): boolean {
  return (
    pin(connection.prepare('SELECT 1 FROM since.keys JOIN keys USING (kid) LIMIT 1')).get() !== undefined
  );
}

function ask(connection: Connection, nowMs: number): Carried {
  const answers = Object.entries(questions).map(([name, sql]) => {
    const parameters = sql.includes('$now') ? [{ now: nowMs }] : [];
    return [
      name,
      pin(connection.prepare(sql))
        .pluck()
        .all(...parameters),
    ];
  });
  return Object.fromEntries(answers);
}
