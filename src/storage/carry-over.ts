/**
 * The database that a restore replaces knows what the backup does not: who was disabled since, which secret ended,
 * which key was withdrawn. Access that was taken away stays taken away; nothing else is carried over.
 */
import { existsSync } from 'node:fs';
import SqliteDatabase from 'better-sqlite3';
import { pin } from './pinned.ts';
import type { Connection } from './sqlite-statements.ts';

/** Why nothing was taken from the database that was there. */
export type NotCarried = 'brought_back' | 'no_database' | 'unreadable' | 'another_house' | 'empty_target';

/** Names, so that the operator can look at each. */
export interface Carried {
  readonly users_disabled: readonly string[];
  /** Not there any more: disabled, as only the operator knows whether the restore is there to bring them back. */
  readonly users_deleted: readonly string[];
  readonly clients_disabled: readonly string[];
  readonly clients_deleted: readonly string[];
  /** Clients whose metadata changed since: keys, redirect URIs and the rest are as they were last. */
  readonly clients_changed: readonly string[];
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
  clients_changed: `UPDATE clients SET profile = later.profile, metadata = later.metadata,
      registration_token = later.registration_token, updated_at = later.updated_at
    FROM since.clients AS later
    WHERE later.client_id = clients.client_id AND later.updated_at >= clients.updated_at
      AND (later.profile <> clients.profile OR later.metadata <> clients.metadata
        OR later.registration_token IS NOT clients.registration_token)
    RETURNING clients.client_id`,
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

/** The resources that the metadata name are a table too: they follow the metadata that was carried. */
const SAME_METADATA = 'SELECT client_id FROM clients JOIN since.clients AS later USING (client_id, metadata)';
const resourcesOfChanged: readonly string[] = [
  `DELETE FROM resources WHERE client_id IN (${SAME_METADATA})`,
  `INSERT OR REPLACE INTO resources (resource, client_id)
    SELECT resource, client_id FROM since.resources WHERE client_id IN (${SAME_METADATA})`,
];

/** Whatever the operator brings back: an assertion that was used stays used, and the house is the same. */
const ofTheHouse: readonly string[] = [
  `INSERT OR IGNORE INTO one_time (kind, value_key, grant_id, payload, expires_at)
    SELECT kind, value_key, grant_id, payload, expires_at FROM since.one_time WHERE kind = 'jti'`,
];
const ofTheHouseWithId: readonly string[] = [
  `UPDATE revisions SET house_id = coalesce(revisions.house_id, later.house_id),
      assertions_unknown_before = max(revisions.assertions_unknown_before, later.assertions_unknown_before)
    FROM since.revisions AS later WHERE later.name = revisions.name`,
];

/**
 * From `replaced` into `prepared`, in one transaction. Nothing is done, and the reason is given, where there is no such
 * file, it cannot be read, or it is another house. `bringBack` leaves access as it is in `prepared`.
 */
export function carryOver(
  replaced: string,
  prepared: string,
  { nowMs, bringBack }: { readonly nowMs: number; readonly bringBack: boolean },
): Carried | NotCarried {
  if (!existsSync(replaced)) return 'no_database';
  const connection = pin(new SqliteDatabase(prepared));
  try {
    pin(connection.prepare('ATTACH ? AS since')).run(replaced);
    connection.exec('BEGIN');
    const hasId = isThereHouseId(connection);
    if (!isSameHouse(connection, hasId)) return 'another_house';
    for (const sql of [...ofTheHouse, ...(hasId ? ofTheHouseWithId : [])]) connection.exec(sql);
    const carried = bringBack ? 'brought_back' : ask(connection, nowMs);
    connection.exec('COMMIT');
    return carried;
  } catch (error) {
    // Closing rolls back.
    if (tellsNothing(error)) return 'unreadable';
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

function isThereHouseId(connection: Connection): boolean {
  const sql = `SELECT 1 FROM pragma_table_info('revisions', 'since') WHERE name = 'house_id'`;
  return isAny(connection, sql);
}

/**
 * The id tells, where both have it. A key or a person that both know tells too, of databases from before there were
 * ids: all of these are random.
 */
function isSameHouse(connection: Connection, hasId: boolean): boolean {
  return [
    ...(hasId ? ['SELECT 1 FROM since.revisions JOIN revisions USING (name, house_id)'] : []),
    'SELECT 1 FROM since.keys JOIN keys USING (kid)',
    'SELECT 1 FROM since.users JOIN users USING (sub)',
  ].some((sql) => isAny(connection, sql));
}

function isAny(connection: Connection, sql: string): boolean {
  return pin(connection.prepare(`${sql} LIMIT 1`)).get() !== undefined;
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
  for (const sql of resourcesOfChanged) connection.exec(sql);
  return Object.fromEntries(answers);
}
