/** Identity alone: a real SQLite file, a clock that stands still until it is moved. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { createAudit } from '../../src/audit/write-in-transaction-or-batch.ts';
import { loadSettings } from '../../src/config/load-settings.ts';
import { migrationsDirectory } from '../../src/gatehouse.ts';
import { createClaimCatalogue } from '../../src/identity/claims/claims-by-scope-and-place.ts';
import type { IdentityContext, PasswordHasher } from '../../src/identity/context.ts';
import { type PasswordInput, password as passwordFactor } from '../../src/identity/factors/password.ts';
import type { ProofRefusal } from '../../src/identity/factors/prove.ts';
import { argonHere } from '../../src/identity/passwords/argon.ts';
import { createPasswordHasher } from '../../src/identity/passwords/queued-password-hasher.ts';
import { type SignedIn, type SignInBrowser, signIn as signInBy } from '../../src/identity/sign-in.ts';
import type { NewUser } from '../../src/identity/users/check-and-merge-user-input.ts';
import { createUser, type User } from '../../src/identity/users/users.ts';
import { createSystemRandom } from '../../src/lib/clock-and-random.ts';
import { isRefusal } from '../../src/lib/outcome.ts';
import type { Database } from '../../src/storage/database.ts';
import { migrate, readMigrations } from '../../src/storage/migrate.ts';
import { openDatabase } from '../../src/storage/open-database-by-url.ts';
import { listAuditEvents } from '../../src/storage/tables/audit-log.ts';

export const PASSWORD = 'correct horse battery staple';

type SignIn = PasswordInput & SignInBrowser;

export interface IdentityFixture extends IdentityContext {
  /** What was warned of. */
  readonly warnings: object[];
  advance(milliseconds: number): void;
  user(username?: string, more?: Partial<NewUser>): Promise<User>;
  signIn(login: string, password: string, more?: Partial<SignIn>): Promise<SignedIn | ProofRefusal>;
  signedIn(login?: string, more?: Partial<SignIn>): Promise<SignedIn & { deviceCookie: string }>;
  attempts(key: string): Promise<number | undefined>;
  events(type: string): Promise<{ reason: string | null; sub: string | null }[]>;
  close(): Promise<void>;
}

/** `passwordHasher` replaces argon2 where a test makes guesses by the thousand. */
export async function openIdentity(
  options: { passwordHasher?: PasswordHasher } = {},
): Promise<IdentityFixture> {
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-identity-'));
  const database = `sqlite:${join(directory, 'gatehouse.db')}`;
  const settings = loadSettings({
    environment: { GATEHOUSE_DATABASE: database, GATEHOUSE_ISSUER: 'http://localhost:4000' },
  });
  let nowMs = Date.UTC(2026, 10, 20, 9);
  const clock = { nowMs: () => nowMs };
  const warnings: object[] = [];
  const warn = (members: object) => void warnings.push(members);
  const log = { debug() {}, info() {}, warn, error() {}, request() {} };
  const random = createSystemRandom();
  const db = openDatabase(database);
  await migrate(db, readMigrations(migrationsDirectory), clock);
  const audit = createAudit({ clock, random, log, db, count() {} });
  const passwordHasher = options.passwordHasher ?? createPasswordHasher(random, argonHere, 1);
  const context: IdentityContext = {
    clock,
    random,
    log,
    settings,
    db,
    audit,
    claimCatalogue: createClaimCatalogue(settings),
    passwordHasher,
    notices: { tell: async () => {} },
    onSessionsEnd: { one: async () => {}, all: async () => {}, rest: async () => {} },
  };

  const signIn: IdentityFixture['signIn'] = async (login, password, more = {}) =>
    complete(
      await signInBy(context, passwordFactor, { login, password, source: sourceAt('192.0.2.1'), ...more }),
    );

  return {
    ...context,
    warnings,
    advance(milliseconds) {
      nowMs += milliseconds;
    },
    async user(username = 'alice', more = {}) {
      const email = `${username}@example.com`;
      return accepted(await createUser(context, { username, email, password: PASSWORD, ...more }));
    },
    signIn,
    async signedIn(login = 'alice', more = {}) {
      const outcome = accepted(await signIn(login, PASSWORD, more));
      return { ...outcome, deviceCookie: outcome.deviceCookie ?? '' };
    },
    async attempts(key) {
      const row = await db.get<{ attempts: number }>('SELECT * FROM throttles WHERE throttle_key = $1', key);
      return row?.attempts;
    },
    async events(type) {
      await audit.flush();
      const { events } = await listAuditEvents(db, { limit: 10_000 });
      const wanted = events.filter((event) => event.type === type);
      return wanted.map(({ reason = null, sub = null }) => ({ reason, sub })).reverse();
    },
    async close() {
      await audit.close();
      await db.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The identity, where somebody else holds the database's lock at one write, the first of them being 0. */
export function withoutWrite(identity: IdentityFixture, which: number): IdentityContext {
  const { db, settings } = identity;
  let next = 0;
  const write: Database['write'] = async (body) => {
    next += 1;
    if (next !== which + 1) return db.write(body);
    const foreign = new SqliteDatabase(settings.database.slice('sqlite:'.length));
    foreign.exec('BEGIN IMMEDIATE');
    try {
      return await db.write(body);
    } finally {
      foreign.close();
    }
  };
  return { ...identity, db: { ...db, write } };
}

export function sourceAt(address: string) {
  return { address, userAgent: 'a browser', requestId: 'request' };
}

/** The result, where it is none of the refusals. */
export function accepted<T>(outcome: T): Exclude<T, { refused: true }> {
  if (isRefusal(outcome)) throw new Error(`refused: ${outcome.reason}`);
  return outcome as Exclude<T, { refused: true }>;
}

/** What came of a sign-in, where the password is all that is asked for. */
export function complete<Outcome extends object>(outcome: Outcome): Exclude<Outcome, { lacks: unknown }> {
  if ('lacks' in outcome) throw new Error('a second factor is lacking');
  return outcome as Exclude<Outcome, { lacks: unknown }>;
}

/** The reason of a refusal, or "accepted". */
export function reasonOf(outcome: unknown): string {
  return isRefusal(outcome) ? outcome.reason : 'accepted';
}

/** Compares plainly and counts how often it was asked. */
export function plainHasher(): PasswordHasher & { verified: number; beforeAnswer: () => Promise<unknown> } {
  return {
    verified: 0,
    beforeAnswer: async () => undefined,
    close() {},
    refuseFull() {},
    hash: async (password) => `plain ${password}`,
    async verify(phc, password) {
      this.verified += 1;
      await this.beforeAnswer();
      return phc === `plain ${password}`;
    },
  };
}
