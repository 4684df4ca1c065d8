/** Users: their names and claims, and what ends when they get another password or are disabled. */

import { isRefusal, PASSED, refuse } from '../../lib/outcome.ts';
import { newIdentifier } from '../../lib/time-ordered-ids-and-secrets.ts';
import type { Reader, Tx } from '../../storage/database.ts';
import { putPassword } from '../../storage/tables/passwords.ts';
import {
  findStayingUser,
  findUserByLogin,
  findUser as findUserRow,
  insertUser,
  listUsers as listUserRows,
  type PersonRow,
  setUserDisabled as setDisabled,
  updateUser as updateUserRow,
} from '../../storage/tables/users.ts';
import type { Claims } from '../claims/schema.ts';
import type { IdentityContext, NewUserContext, SessionEndContext } from '../context.ts';
import { checkMembership, replaceMembership } from '../groups-and-roles.ts';
import { loginKey } from '../login-name.ts';
import { checkPassword } from '../passwords/check-new-password.ts';
import { normalisePassword } from '../passwords/password-rules.ts';
import { storePassword } from '../passwords/replace-password.ts';
import { changedRow, checkPerson, type NewUser, type UserChanges } from './check-and-merge-user-input.ts';
import { endEverything } from './user-removal.ts';
import type { UserRefusal } from './username-email-and-claim-rules.ts';

export interface User {
  readonly sub: string;
  readonly username: string;
  readonly email: string | undefined;
  readonly claims: Claims;
  readonly disabled: boolean;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** Creates a user with a new sub, even where a deleted user had the same name (A079). */
export async function createUser(context: NewUserContext, wanted: NewUser): Promise<User | UserRefusal> {
  const checked = checkPerson(context, wanted);
  if (isRefusal(checked)) return checked;
  const { named, claims } = checked;
  const allowed = wanted.password === undefined ? PASSED : checkPassword(context, wanted.password, wanted);
  if (allowed !== PASSED) return allowed;
  const hash = wanted.password && (await context.passwordHasher.hash(normalisePassword(wanted.password)));
  const nowMs = context.clock.nowMs();
  const row: PersonRow = {
    sub: newIdentifier(context.clock, context.random),
    ...named,
    claims: JSON.stringify(claims),
    created_at: nowMs,
    updated_at: nowMs,
    disabled_at: null,
  };
  return context.db.write(async (tx) => {
    if (await isTaken(tx, row)) return conflict();
    const membership = await checkMembership(tx, wanted);
    if (isRefusal(membership)) return membership;
    await insertUser(tx, row);
    if (hash) await putPassword(tx, { sub: row.sub, hash, changed_at: nowMs });
    context.audit.record(tx, { type: 'user.created', sub: row.sub });
    await replaceMembership(context, tx, row.sub, membership);
    return toUser(row);
  });
}

/** Also finds a user who is disabled or being deleted; undefined where there is none. */
export async function findUser(context: Pick<IdentityContext, 'db'>, sub: string): Promise<User | undefined> {
  const row = await findUserRow(context.db, sub);
  return row && toUser(row);
}

/** By username or e-mail address, as at login. */
export async function findUserByUsername(
  context: Pick<IdentityContext, 'db'>,
  text: string,
): Promise<User | undefined> {
  const row = await findUserByLogin(context.db, loginKey(text));
  return row && toUser(row);
}

/** Up to `limit` users, the oldest first, after the sub `after`. */
export async function listUsers(
  context: Pick<IdentityContext, 'db'>,
  range: { readonly after: string; readonly limit: number },
): Promise<User[]> {
  return (await listUserRows(context.db, range)).map(toUser);
}

/** Changes the members that `changes` names. */
export async function updateUser(
  context: Pick<IdentityContext, 'audit' | 'claimCatalogue' | 'clock' | 'db' | 'notices'>,
  sub: string,
  changes: UserChanges,
): Promise<User | UserRefusal> {
  return context.db.write(async (tx) => {
    const before = await findStayingUser(tx, sub);
    if (!before) return unknownUser();
    const row = changedRow(context, before, changes);
    if (isRefusal(row)) return row;
    if (await isTaken(tx, row)) return conflict();
    const membership = await checkMembership(tx, changes);
    if (isRefusal(membership)) return membership;
    const updated = await updateUserRow(tx, row);
    const changed = namesChanged(before, row);
    // Groups and roles have events of their own.
    if (changed !== '') context.audit.record(tx, { type: 'user.updated', sub, details: { changed } });
    if (before.email_key !== row.email_key) await tellBothAddresses(context, tx, before, row);
    await replaceMembership(context, tx, sub, membership);
    return toUser(updated ?? row);
  });
}

/** Whoever has the old address must hear of it: it may be the only sign that somebody takes the account over. */
async function tellBothAddresses(
  { notices }: Pick<IdentityContext, 'notices'>,
  tx: Tx,
  before: PersonRow,
  after: PersonRow,
): Promise<void> {
  for (const person of [before, after]) await notices.tell(tx, person, 'email_changed');
}

/** Sets a password for the operator: every session and grant of the user ends, and failed attempts are forgotten. */
export async function setPassword(
  context: SessionEndContext & Pick<IdentityContext, 'db' | 'passwordHasher' | 'settings'>,
  sub: string,
  password: string,
): Promise<User | UserRefusal> {
  const user = await findUser(context, sub);
  if (!user) return unknownUser();
  const checked = checkPassword(context, password, user);
  if (checked !== PASSED) return checked;
  const hash = await context.passwordHasher.hash(normalisePassword(password));
  const nowMs = context.clock.nowMs();
  return context.db.write(async (tx) => {
    await tx.lockTableOnRetry?.();
    // The user may have been deleted while the password was hashed.
    if (!(await findStayingUser(tx, sub))) return unknownUser();
    const endAll = () => endEverything(context, tx, sub, 'user.password_set');
    await storePassword(tx, { sub, hash, changed_at: nowMs }, endAll);
    await context.notices.tell(tx, sub, 'password_set');
    return user;
  });
}

/** Disabling ends every session and grant at once (ASVS V7.4.2). */
export async function setUserDisabled(
  context: SessionEndContext & Pick<IdentityContext, 'db'>,
  sub: string,
  disabled: boolean,
): Promise<User | UserRefusal> {
  const found = await context.db.write(async (tx) => {
    await tx.lockTableOnRetry?.();
    const before = await findStayingUser(tx, sub);
    if (!before) return false;
    if (disabled && before.disabled_at === null) await context.notices.tell(tx, before, 'user_disabled');
    // Before the row is disabled: clients with a grant in these sessions are notified.
    if (disabled) await endEverything(context, tx, sub, 'user.disabled');
    else context.audit.record(tx, { type: 'user.enabled', sub });
    return setDisabled(tx, sub, disabled ? context.clock.nowMs() : null);
  });
  return found ? ((await findUser(context, sub)) ?? unknownUser()) : unknownUser();
}

/** The names of the changed members for the audit, without their values: personal data is deleted, the audit stays. */
function namesChanged(before: PersonRow, after: PersonRow): string {
  const names = ['username', 'email', 'claims'] as const;
  return names.filter((name) => before[name] !== after[name]).join(' ');
}

async function isTaken(db: Reader, row: PersonRow): Promise<boolean> {
  for (const key of [row.username_key, row.email_key]) {
    const other = key === null ? undefined : await findUserByLogin(db, key);
    if (other && other.sub !== row.sub) return true;
  }
  return false;
}

function conflict(): UserRefusal {
  return refuse('conflict', 'username_taken', 'another user has this username or e-mail address');
}

function unknownUser(): UserRefusal {
  return refuse('not_found', 'unknown_user', 'there is no such user');
}

function toUser(row: PersonRow): User {
  return {
    sub: row.sub,
    username: row.username,
    email: row.email ?? undefined,
    claims: JSON.parse(row.claims),
    disabled: row.disabled_at !== null,
    createdAtMs: row.created_at,
    updatedAtMs: row.updated_at,
  };
}
