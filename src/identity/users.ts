/** People: their names, their claims, and what ends with them. */

import type { AuditEventType } from '../audit/events.ts';
import { newIdentifier } from '../lib/ids.ts';
import { nearestWord } from '../lib/nearest.ts';
import { isRefusal, type Refusal, refuse } from '../lib/outcome.ts';
import type { Reader, Tx } from '../storage/database.ts';
import { revokeGrantsOfUser } from '../storage/tables/grants.ts';
import { putPassword } from '../storage/tables/passwords.ts';
import { endSessionsOfUser } from '../storage/tables/sessions.ts';
import {
  deleteUser,
  findUserByLogin,
  findUser as findUserRow,
  insertUser,
  listUsers as listUserRows,
  setUserDisabled as setDisabled,
  type UserRow,
  updateUser as updateUserRow,
} from '../storage/tables/users.ts';
import { type Claims, claimsSchema } from './claims.ts';
import type { IdentityContext } from './context.ts';
import { accountKey, loginKey } from './login-name.ts';
import { findPasswordFault, normalisePassword } from './password-rules.ts';
import { forgiveAttempts } from './throttling.ts';

export interface User {
  readonly sub: string;
  readonly username: string;
  readonly email: string | undefined;
  readonly claims: Claims;
  readonly disabled: boolean;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export interface NewUser {
  readonly username: string;
  readonly email?: string | undefined;
  readonly claims?: unknown;
  readonly password?: string | undefined;
}

export type UserRefusal = Refusal<'invalid' | 'conflict' | 'not_found'>;

const USERNAME = /^[\p{L}\p{N}][\p{L}\p{N}._@+-]{0,63}$/u;

/** A new person with a new sub, even where one of that name was before (A079). */
export async function createUser(context: IdentityContext, wanted: NewUser): Promise<User | UserRefusal> {
  const named = checkNames(wanted.username, wanted.email);
  const claims = checkClaims(wanted.claims ?? {});
  const fault = wanted.password === undefined ? undefined : checkPassword(context, wanted.password, wanted);
  const refusal = [named, claims, fault].find(isRefusal);
  if (refusal) return refusal as UserRefusal;
  const hash = wanted.password && (await context.passwordHasher.hash(normalisePassword(wanted.password)));
  const nowMs = context.clock.nowMs();
  const row: UserRow = {
    sub: newIdentifier(context.clock, context.random),
    ...(named as Names),
    claims: JSON.stringify(claims),
    created_at: nowMs,
    updated_at: nowMs,
    disabled_at: null,
  };
  return context.db.write(async (tx) => {
    if (await isTaken(tx, row)) return conflict();
    await insertUser(tx, row);
    if (hash) await putPassword(tx, { sub: row.sub, hash, changed_at: nowMs });
    await context.audit.record(tx, { type: 'user.created', sub: row.sub });
    return toUser(row);
  });
}

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

export async function listUsers(context: Pick<IdentityContext, 'db'>): Promise<User[]> {
  return (await listUserRows(context.db)).map(toUser);
}

/** Changes what is named; `email: null` takes the address away. */
export async function updateUser(
  context: IdentityContext,
  sub: string,
  changes: { username?: string | undefined; email?: string | null | undefined; claims?: unknown },
): Promise<User | UserRefusal> {
  const before = await findUserRow(context.db, sub);
  if (!before) return unknownUser();
  const email = changes.email === undefined ? before.email : changes.email;
  const named = checkNames(changes.username ?? before.username, email ?? undefined);
  const claims = changes.claims === undefined ? JSON.parse(before.claims) : checkClaims(changes.claims);
  const refusal = [named, claims].find(isRefusal);
  if (refusal) return refusal as UserRefusal;
  const row: UserRow = {
    ...before,
    ...(named as Names),
    claims: JSON.stringify(claims),
    updated_at: context.clock.nowMs(),
  };
  return context.db.write(async (tx) => {
    if (await isTaken(tx, row)) return conflict();
    await updateUserRow(tx, row);
    await context.audit.record(tx, { type: 'user.updated', sub });
    return toUser(row);
  });
}

/** An operator's new password: every session and grant of the user ends, and failed attempts are forgiven. */
export async function setPassword(
  context: IdentityContext,
  sub: string,
  password: string,
): Promise<User | UserRefusal> {
  const user = await findUser(context, sub);
  if (!user) return unknownUser();
  const fault = checkPassword(context, password, user);
  if (fault) return fault;
  const hash = await context.passwordHasher.hash(normalisePassword(password));
  const nowMs = context.clock.nowMs();
  await context.db.write(async (tx) => {
    await putPassword(tx, { sub, hash, changed_at: nowMs });
    await forgiveAttempts(tx, accountKey(sub));
    await endEverything(context, tx, sub, 'user.password_set');
  });
  return user;
}

/** Disabling ends every session and grant at once (ASVS V7.4.2). */
export async function setUserDisabled(
  context: IdentityContext,
  sub: string,
  disabled: boolean,
): Promise<User | UserRefusal> {
  const found = await context.db.write(async (tx) => {
    if (!(await setDisabled(tx, sub, disabled ? context.clock.nowMs() : null))) return false;
    if (disabled) await endEverything(context, tx, sub, 'user.disabled');
    else await context.audit.record(tx, { type: 'user.enabled', sub });
    return true;
  });
  return found ? ((await findUser(context, sub)) ?? unknownUser()) : unknownUser();
}

/** Everything of the person goes with the row; the audit stays. */
export async function removeUser(context: IdentityContext, sub: string): Promise<boolean> {
  return context.db.write(async (tx) => {
    if (!(await deleteUser(tx, sub))) return false;
    await context.audit.record(tx, { type: 'user.deleted', sub });
    return true;
  });
}

async function endEverything(
  context: IdentityContext,
  tx: Tx,
  sub: string,
  type: AuditEventType,
): Promise<void> {
  const nowMs = context.clock.nowMs();
  const sessions = await endSessionsOfUser(tx, sub, nowMs);
  const grants = await revokeGrantsOfUser(tx, sub, nowMs);
  await context.audit.record(tx, { type, sub, details: { sessions, grants } });
}

type Names = Pick<UserRow, 'username' | 'username_key' | 'email' | 'email_key'>;

function checkNames(username: string, email: string | undefined): Names | UserRefusal {
  const name = username.normalize('NFKC').trim();
  if (!USERNAME.test(name)) {
    return refuse(
      'invalid',
      'malformed_username',
      `"${username}" is no username: 1 to 64 letters, digits or . _ @ + -`,
    );
  }
  const address = email?.normalize('NFKC').trim();
  if (address !== undefined && !claimsSchema.shape.email.safeParse(address).success) {
    return refuse('invalid', 'malformed_email', `"${email}" is not an e-mail address`);
  }
  if (name.includes('@') && loginKey(name) !== loginKey(address ?? '')) {
    return refuse(
      'invalid',
      'foreign_email_as_username',
      'a username with @ must be the same as the e-mail address',
    );
  }
  return {
    username: name,
    username_key: loginKey(name),
    email: address ?? null,
    email_key: address === undefined ? null : loginKey(address),
  };
}

function checkClaims(claims: unknown): Claims | UserRefusal {
  const outcome = claimsSchema.safeParse(claims);
  if (outcome.success) return outcome.data;
  const [issue] = outcome.error.issues;
  if (issue?.code === 'unrecognized_keys') {
    const [unknown = ''] = issue.keys;
    const nearest = nearestWord(unknown, Object.keys(claimsSchema.shape));
    const advice = nearest === undefined ? '' : `; did you mean ${nearest}?`;
    return refuse('invalid', 'unknown_claim', `${unknown} is not a claim that can be stored${advice}`);
  }
  return refuse('invalid', 'malformed_claim', `${issue?.path.join('.')}: ${issue?.message}`);
}

function checkPassword(
  context: Pick<IdentityContext, 'settings'>,
  password: string,
  user: { username: string; email?: string | undefined },
): UserRefusal | undefined {
  const fault = findPasswordFault(password, passwordContext(context, user));
  if (!fault) return undefined;
  const sentences = {
    short: `the password must have at least ${context.settings.password_minimum_length} characters`,
    long: 'the password must have at most 1,024 characters',
    common: 'the password is among those that guessing starts with; choose another',
  };
  return refuse('invalid', `password_${fault}`, sentences[fault]);
}

/** What makes a password guessable for this person on this server. */
export function passwordContext(
  context: Pick<IdentityContext, 'settings'>,
  user: { username: string; email?: string | undefined },
) {
  const host = new URL(context.settings.issuer).hostname;
  const words = [user.username, user.email ?? '', ...(user.email ?? '').split('@'), host, ...host.split('.')];
  return { minimumLength: context.settings.password_minimum_length, words };
}

async function isTaken(db: Reader, row: UserRow): Promise<boolean> {
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

function toUser(row: UserRow): User {
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
