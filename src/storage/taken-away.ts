/**
 * What was taken away since a backup, as SQLite is asked: `main` is the backup in today's form, `since` the database that
 * it replaces. $now is in milliseconds.
 */

/** Names, so that the operator can look at each. */
export interface Carried {
  readonly users_disabled: readonly string[];
  /** Not there any more: disabled, as only the operator knows whether the restore is there to bring them back. */
  readonly users_deleted: readonly string[];
  /** Users whose claims or e-mail address changed since: they are as they were last. */
  readonly users_changed: readonly string[];
  /** `username sub` of users whose username was an e-mail address that is not theirs any more: as they are called now. */
  readonly usernames_changed: readonly string[];
  readonly clients_disabled: readonly string[];
  readonly clients_deleted: readonly string[];
  /** Clients whose metadata changed since: keys, redirect URIs and the rest are as they were last. */
  readonly clients_changed: readonly string[];
  /** Clients with a secret that ended, or is there no more. */
  readonly secrets_ended: readonly string[];
  /** `username client_id` of consents that were withdrawn or changed: they are asked again. */
  readonly consents_withdrawn: readonly string[];
  /** `username group` of those who left a group, and `username role` of roles that were taken. */
  readonly groups_left: readonly string[];
  readonly roles_taken: readonly string[];
  /** Keys that are new, have other times, or whose private part is gone or sealed anew. */
  readonly keys: readonly string[];
  /** Keys that are not there any more, such as one that leaked: they are gone. */
  readonly keys_withdrawn: readonly string[];
  /** Not carried over: users whose old password is good again. */
  readonly passwords_changed: readonly string[];
  /** Not carried over: clients with a newer secret, which is unknown now. */
  readonly secrets_lost: readonly string[];
}

/** The columns that a table has in both databases, but those that are named. */
export type Columns = (table: string, except: readonly string[]) => readonly string[];

/** Before the questions. E-mail addresses are unique: those that go to somebody else are given up first. */
export const preparations: readonly string[] = [
  `CREATE TEMP TABLE changed_users AS
    SELECT later.sub, later.email, later.email_key, later.claims, later.updated_at
    FROM since.users AS later JOIN users USING (sub) WHERE later.updated_at >= users.updated_at
      AND (later.email IS NOT users.email OR later.claims <> users.claims)`,
  `UPDATE users SET email = NULL, email_key = NULL
    WHERE sub IN (SELECT sub FROM changed_users) OR email_key IN (SELECT email_key FROM changed_users)`,
  // A consent that is there no more was withdrawn, and what the client had of the person with it.
  `UPDATE grants SET revoked_at = $now WHERE revoked_at IS NULL AND (sub, client_id) IN
    (SELECT sub, client_id FROM consents EXCEPT SELECT sub, client_id FROM since.consents)`,
];

/** All grants or sessions of a person that were ended at once are over, also where the operator keeps the others. */
export function epochsOf(columns: Columns): readonly string[] {
  const both = columns('users', []).filter((column) => EPOCHS.includes(column));
  const later = both.map((column) => `${column} = max(users.${column}, later.${column})`).join(', ');
  return both.length === 0
    ? []
    : [`UPDATE users SET ${later} FROM since.users AS later WHERE later.sub = users.sub`];
}

const EPOCHS: readonly string[] = ['grant_epoch', 'session_epoch'];
/** Who is disabled has nothing left when enabled again, as by the command. */
const USER_ENDS = 'disabled_at = $now, grant_epoch = grant_epoch + 1, session_epoch = session_epoch + 1';
const CLIENT_ENDS = 'disabled_at = $now, epoch = epoch + 1';

/** Each gives one column. */
export function questionsOf(columns: Columns): Readonly<Record<keyof Carried, string>> {
  const ofConsents = columns('consents', ['created_at', 'updated_at']);
  const ofClients = columns('clients', [
    'client_id',
    'created_at',
    'updated_at',
    'used_at',
    'last_used_at',
    'disabled_at',
    'leaving_at',
    'origins_at',
    'algorithms_at',
  ]);
  return {
    passwords_changed: `SELECT username FROM users JOIN passwords USING (sub)
        JOIN since.passwords AS later USING (sub)
      WHERE later.hash <> passwords.hash AND later.changed_at > passwords.changed_at`,
    secrets_lost: `SELECT DISTINCT client_id FROM since.client_secrets AS later JOIN clients USING (client_id)
      WHERE later.secret_hash NOT IN
        (SELECT secret_hash FROM client_secrets WHERE client_secrets.client_id = later.client_id)`,
    // Before the users and clients: whose consent it was is told by their names.
    consents_withdrawn: `DELETE FROM consents WHERE NOT EXISTS (SELECT 1 FROM since.consents AS later
        WHERE ${ofConsents.map((column) => `later.${column} IS consents.${column}`).join(' AND ')})
      RETURNING (SELECT username FROM users WHERE users.sub = consents.sub) || ' ' || client_id`,
    groups_left: `DELETE FROM group_members WHERE NOT EXISTS (SELECT 1 FROM since.group_members AS later
        WHERE later.sub = group_members.sub AND later.group_name = group_members.group_name)
      RETURNING (SELECT username FROM users WHERE users.sub = group_members.sub) || ' ' || group_name`,
    roles_taken: `DELETE FROM user_roles WHERE NOT EXISTS (SELECT 1 FROM since.user_roles AS later
        WHERE later.sub = user_roles.sub AND later.role = user_roles.role)
      RETURNING (SELECT username FROM users WHERE users.sub = user_roles.sub) || ' ' || role`,
    users_disabled: `UPDATE users SET ${USER_ENDS} WHERE disabled_at IS NULL
        AND sub IN (SELECT sub FROM since.users WHERE disabled_at IS NOT NULL) RETURNING username`,
    users_deleted: `UPDATE users SET ${USER_ENDS} WHERE disabled_at IS NULL
        AND sub NOT IN (SELECT sub FROM since.users) RETURNING username`,
    users_changed: `UPDATE users SET email = later.email, email_key = later.email_key, claims = later.claims,
        updated_at = later.updated_at
      FROM changed_users AS later WHERE later.sub = users.sub RETURNING username`,
    // Nobody is called by the e-mail address of another (A067): as they were called last, where that is free.
    usernames_changed: `UPDATE users SET username = coalesce(named.username, users.sub),
        username_key = coalesce(named.username_key, lower(users.sub))
      FROM (SELECT mine.sub, later.username, later.username_key FROM users AS mine
        LEFT JOIN since.users AS later ON later.sub = mine.sub
          AND (later.username_key = mine.email_key OR instr(later.username_key, '@') = 0)
          AND NOT EXISTS (SELECT 1 FROM users AS other
            WHERE other.sub <> mine.sub AND later.username_key IN (other.username_key, other.email_key))
        WHERE instr(mine.username_key, '@') > 0 AND mine.username_key IS NOT mine.email_key) AS named
      WHERE named.sub = users.sub RETURNING username || ' ' || sub`,
    clients_disabled: `UPDATE clients SET ${CLIENT_ENDS} WHERE disabled_at IS NULL
        AND client_id IN (SELECT client_id FROM since.clients WHERE disabled_at IS NOT NULL)
      RETURNING client_id`,
    clients_deleted: `UPDATE clients SET ${CLIENT_ENDS} WHERE disabled_at IS NULL
        AND client_id NOT IN (SELECT client_id FROM since.clients) RETURNING client_id`,
    // The next start reads what is derived of them anew (oauth/clients/derived.ts).
    clients_changed: `UPDATE clients SET updated_at = later.updated_at, origins_at = NULL, algorithms_at = NULL,
        ${ofClients.map((column) => `${column} = later.${column}`).join(', ')}
      FROM since.clients AS later
      WHERE later.client_id = clients.client_id AND later.updated_at >= clients.updated_at
        AND (${ofClients.map((column) => `later.${column} IS NOT clients.${column}`).join(' OR ')})
      RETURNING clients.client_id`,
    // One that is there no more was of a client that was deleted and made again.
    secrets_ended: `UPDATE client_secrets SET expires_at = ends.expires_at FROM
        (SELECT mine.client_id, mine.secret_hash,
          CASE WHEN later.secret_hash IS NULL THEN $now ELSE later.expires_at END AS expires_at
        FROM client_secrets AS mine LEFT JOIN since.client_secrets AS later USING (client_id, secret_hash)
        WHERE mine.client_id IN (SELECT client_id FROM since.clients)) AS ends
      WHERE ends.client_id = client_secrets.client_id AND ends.secret_hash = client_secrets.secret_hash
        AND ends.expires_at < coalesce(client_secrets.expires_at, ends.expires_at + 1)
      RETURNING client_secrets.client_id`,
    keys: `INSERT OR REPLACE INTO keys (kid, alg, public_jwk, private_sealed,
        created_at, activates_at, retires_at, removed_at)
      SELECT kid, alg, public_jwk, private_sealed, created_at, activates_at, retires_at, removed_at
      FROM since.keys AS later WHERE NOT EXISTS (SELECT 1 FROM keys WHERE keys.kid = later.kid
        AND keys.activates_at = later.activates_at AND keys.retires_at IS later.retires_at
        AND keys.removed_at IS later.removed_at AND keys.private_sealed IS later.private_sealed)
      RETURNING kid`,
    keys_withdrawn: 'DELETE FROM keys WHERE kid NOT IN (SELECT kid FROM since.keys) RETURNING kid',
  };
}

/** The resources that the metadata name are a table too: they follow the metadata that was carried. */
const SAME_METADATA = 'SELECT client_id FROM clients JOIN since.clients AS later USING (client_id, metadata)';
export const resourcesOfChanged: readonly string[] = [
  `DELETE FROM resources WHERE client_id IN (${SAME_METADATA})`,
  `INSERT OR REPLACE INTO resources (resource, client_id)
    SELECT resource, client_id FROM since.resources WHERE client_id IN (${SAME_METADATA})`,
];

/**
 * Whatever the operator brings back: an assertion that was used stays used, a password that was guessed at stays
 * locked, who must be told of a sign-out is told, and the house is the same.
 */
export function ofTheHouse(columns: Columns): readonly string[] {
  const house = columns('revisions', []);
  return [
    copyOf('one_time', columns, `kind = 'jti'`),
    copyOf('outbox', columns, 'true'),
    copyOf(
      'throttles',
      columns,
      `NOT EXISTS (SELECT 1 FROM throttles WHERE throttles.throttle_key = later.throttle_key
        AND throttles.attempts >= later.attempts AND throttles.blocked_until >= later.blocked_until)`,
      'REPLACE',
    ),
    house.includes('house_id') && house.includes('assertions_unknown_before')
      ? `UPDATE revisions SET house_id = coalesce(revisions.house_id, later.house_id), assertions_unknown_before =
          max(revisions.assertions_unknown_before, later.assertions_unknown_before)
        FROM since.revisions AS later WHERE later.name = revisions.name`
      : '',
  ].filter((sql) => sql !== '');
}

/** Nothing where the database that is replaced is from before there was such a table. */
function copyOf(table: string, columns: Columns, where: string, known = 'IGNORE'): string {
  const both = columns(table, []).join(', ');
  if (both === '') return '';
  return `INSERT OR ${known} INTO ${table} (${both}) SELECT ${both} FROM since.${table} AS later WHERE ${where}`;
}
