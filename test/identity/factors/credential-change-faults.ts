/** What setting and removing a credential must do, asked of the sample of each factor: `isEnrolled` follows it, and it resets. */
import { accountKey, deviceKey, factorKey } from '../../../src/identity/attempts/throttle-keys.ts';
import { accountPolicy } from '../../../src/identity/attempts/throttle-policies.ts';
import { reserveAttempt } from '../../../src/identity/attempts/throttling.ts';
import type { Factor } from '../../../src/identity/factors/factor.ts';
import { beginPendingSignIn, findPendingSignIn } from '../../../src/identity/pending-sign-in.ts';
import { personProven } from '../../../src/identity/proof-user-was-authenticated.ts';
import type { User } from '../../../src/identity/users/users.ts';
import { lifeCycles } from '../../../src/storage/restore-and-cleanup-rules/index.ts';
import { startLeaving } from '../../../src/storage/tables/users.ts';
import { type IdentityFixture, sourceAt } from '../identity-only.ts';

export interface CredentialChanges<Input> {
  /**
   * Gives the user a credential, in place of the one they have; each of the two differs. Gives the input that proves it.
   * It is done by the function of the product that does it.
   */
  enrol(identity: IdentityFixture, user: User, which: 'first' | 'second'): Promise<Input>;
  /** Takes the credential away, by the function of the product unless `isRemovable` is false. */
  remove(identity: IdentityFixture, user: User): Promise<unknown>;
  /** Whether the product takes it away; false where only the test can, so that nothing is over by it. */
  readonly isRemovable: boolean;
}

let users = 0;

/** What is wrong about it; empty where nothing is. */
export async function credentialChangeFaults<Input>(
  identity: IdentityFixture,
  factor: Factor,
  changes: CredentialChanges<Input>,
): Promise<string[]> {
  return [
    ...(await enrolmentFaults(identity, factor, changes)),
    ...(await resetFaults(identity, factor, changes)),
    ...(await leavingFaults(identity, changes)),
  ];
}

/** The user may be deleted while what they get is made or hashed; the deletion must find no row after it went by. */
async function leavingFaults<Input>(
  identity: IdentityFixture,
  { enrol }: CredentialChanges<Input>,
): Promise<string[]> {
  const user = await newUser(identity);
  await identity.db.write((tx) => startLeaving(tx, user.sub, identity.clock.nowMs()));
  // It refuses by whatever it refuses with.
  await enrol(identity, user, 'first').catch(() => undefined);
  const faults: string[] = [];
  for (const { table, dependsOn = {} } of lifeCycles)
    for (const [column, parent] of Object.entries(dependsOn)) {
      if (parent?.table !== 'users') continue;
      const sql = `SELECT 1 AS n FROM ${table} WHERE ${column} = $1`;
      if (await identity.db.get(sql, user.sub))
        faults.push(`a user who is being deleted gets a row of ${table}`);
    }
  return faults;
}

/** Another user has it enrolled all the time. */
async function enrolmentFaults<Input>(
  identity: IdentityFixture,
  factor: Factor,
  { enrol, remove }: CredentialChanges<Input>,
): Promise<string[]> {
  const faults: string[] = [];
  await enrol(identity, await newUser(identity), 'second');
  const user = await newUser(identity);
  const expectEnrolled = async (expected: boolean, when: string) => {
    const is = await factor.isEnrolled(identity.db, user.sub);
    if (is !== expected) faults.push(`\`isEnrolled\` is not ${expected} ${when}`);
  };
  await expectEnrolled(false, 'before it is enrolled');
  await enrol(identity, user, 'first');
  await expectEnrolled(true, 'after it was enrolled');
  await remove(identity, user);
  await expectEnrolled(false, 'after it was removed');
  return faults;
}

/** What was begun or counted with the former state goes on; `credentialReplaced` ends it. */
async function resetFaults<Input>(
  identity: IdentityFixture,
  factor: Factor,
  { enrol, remove, isRemovable }: CredentialChanges<Input>,
): Promise<string[]> {
  const added = await newUser(identity);
  const faults = await leftBy(identity, factor, added, 'adding it', () => enrol(identity, added, 'first'));
  const replace = () => enrol(identity, added, 'second');
  faults.push(...(await leftBy(identity, factor, added, 'replacing it', replace)));
  if (!isRemovable) return faults;
  const removed = await leftBy(identity, factor, added, 'removing it', () => remove(identity, added));
  return [...faults, ...removed];
}

/** What of a user's pending sign-in and counted guesses is there after the change. */
async function leftBy(
  identity: IdentityFixture,
  factor: Factor,
  { sub }: User,
  what: string,
  change: () => Promise<unknown>,
): Promise<string[]> {
  const ofAccount = factor.comes === 'first' ? [accountKey(sub), deviceKey(sub)] : [];
  const keys = [factorKey(factor, sub), ...ofAccount];
  const { cookieValue } = await identity.db.write(async (tx) => {
    for (const key of keys) await reserveAttempt(identity, tx, key, accountPolicy);
    const proof = personProven(sub, ['pwd']);
    return beginPendingSignIn(identity, tx, { proof, lacking: [factor], source: sourceAt('192.0.2.1') });
  });
  await change();
  const left: string[] = [];
  if (await findPendingSignIn(identity, cookieValue)) left.push(`${what} leaves a pending sign-in`);
  const counts = await Promise.all(keys.map((key) => identity.attempts(key)));
  if (counts.some((count) => count !== undefined)) left.push(`${what} leaves the guesses counted`);
  return left;
}

/** Without a password, as this may be the factor. */
async function newUser(identity: IdentityFixture): Promise<User> {
  users += 1;
  return identity.user(`changing${users}`, { password: undefined });
}
