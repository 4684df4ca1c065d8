import {
  type LifeCycleOf,
  NEVER_CLEANED,
  type PersonalData,
  type RestoreStep,
  raise,
} from '../life-cycle.ts';
import type { UserRow } from '../tables/users.ts';

/** As with the command: a disabled user has no grants or sessions left when enabled again. */
const ENDS = 'disabled_at = $now, grant_epoch = grant_epoch + 1, session_epoch = session_epoch + 1';

/** No username is another user's e-mail address (A067): the newest username is taken if it is free, otherwise the sub. */
const RENAMED = `UPDATE users SET username = coalesce(named.username, users.sub),
    username_key = coalesce(named.username_key, lower(users.sub))
  FROM (SELECT mine.sub, later.username, later.username_key FROM users AS mine
    LEFT JOIN since.users AS later ON later.sub = mine.sub
      AND (later.username_key = mine.email_key OR instr(later.username_key, '@') = 0)
      AND NOT EXISTS (SELECT 1 FROM users AS other
        WHERE other.sub <> mine.sub AND later.username_key IN (other.username_key, other.email_key))
    WHERE instr(mine.username_key, '@') > 0 AND mine.username_key IS NOT mine.email_key) AS named
  WHERE named.sub = users.sub RETURNING username || ' ' || sub`;

/** E-mail addresses are unique: those that another user gets are removed first. */
function changed(since: readonly string[], along: readonly string[]): readonly RestoreStep[] {
  const carried = [...since, ...along];
  return [
    {
      sql: `CREATE TEMP TABLE changed_users AS SELECT later.sub, ${carried.map((column) => `later.${column}`).join(', ')}
        FROM since.users AS later JOIN users USING (sub) WHERE later.updated_at >= users.updated_at
          AND (${since.map((column) => `later.${column} IS NOT users.${column}`).join(' OR ')})`,
    },
    {
      sql: `UPDATE users SET email = NULL, email_key = NULL
        WHERE sub IN (SELECT sub FROM changed_users) OR email_key IN (SELECT email_key FROM changed_users)`,
    },
    {
      reportedAs: 'users_changed',
      sql: `UPDATE users SET ${carried.map((column) => `${column} = later.${column}`).join(', ')}
        FROM changed_users AS later WHERE later.sub = users.sub RETURNING username`,
    },
  ];
}

/** Also of the tables whose rows belong to the account. */
export const ACCOUNT: PersonalData = {
  what: 'an account: name, e-mail address, claims, password hash, groups, roles',
  kept: 'until `gatehouse user delete`',
};

export const users: LifeCycleOf<UserRow> = {
  table: 'users',
  columns: {
    sub: 'key',
    // Except for an e-mail address that the user no longer has.
    username: 'backup',
    username_key: 'backup',
    email: 'since',
    email_key: 'along',
    claims: 'since',
    created_at: 'backup',
    updated_at: 'along',
    disabled_at: 'ends',
    // Grants or sessions of a user that were ended together stay ended, also if the operator keeps the others.
    session_epoch: 'greater',
    grant_epoch: 'greater',
    leaving_at: 'backup',
  },
  cleanUp: NEVER_CLEANED,
  personal: [ACCOUNT],
  restore: {
    takesAway: (columns) => [
      ...raise('users', 'sub', columns('greater')),
      {
        reportedAs: 'users_disabled',
        sql: `UPDATE users SET ${ENDS} WHERE disabled_at IS NULL
          AND sub IN (SELECT sub FROM since.users WHERE disabled_at IS NOT NULL) RETURNING username`,
      },
      {
        reportedAs: 'users_deleted',
        sql: `UPDATE users SET ${ENDS} WHERE disabled_at IS NULL
          AND sub NOT IN (SELECT sub FROM since.users) RETURNING username`,
      },
      ...changed(columns('since'), columns('along')),
      { reportedAs: 'usernames_changed', sql: RENAMED },
    ],
  },
};
