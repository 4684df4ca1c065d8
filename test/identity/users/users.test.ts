import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findSession } from '../../../src/identity/sessions/find-live-sessions.ts';
import { removeUser } from '../../../src/identity/users/user-removal.ts';
import {
  createUser,
  findUser,
  findUserByUsername,
  setPassword,
  setUserDisabled,
  updateUser,
} from '../../../src/identity/users/users.ts';
import { listLiveGrants } from '../../../src/storage/tables/live-grants.ts';
import {
  accepted,
  type IdentityFixture,
  openIdentity,
  PASSWORD,
  plainHasher,
  reasonOf,
} from '../identity-only.ts';

let identity: IdentityFixture;
const hasher = plainHasher();
beforeAll(async () => {
  identity = await openIdentity({ passwordHasher: hasher });
});
afterAll(() => identity.close());

const create = async (username: string, more = {}) =>
  reasonOf(await createUser(identity, { username, ...more }));

/** A grant of this user, as consent would write it. */
async function grantOf(sub: string): Promise<void> {
  await identity.db.write(async (tx) => {
    await tx.run(
      `INSERT INTO clients (client_id, profile, metadata, created_at, updated_at) VALUES ($1, 'oidc', '{}', 0, 0)`,
      `app of ${sub}`,
    );
    await tx.run(
      `INSERT INTO grants (grant_id, sub, client_id, access, auth_time, amr, created_at, expires_at)
       VALUES ($1, $2, $3, '{"scope":["openid"]}', 0, '[]', 0, 9e15)`,
      `grant of ${sub}`,
      sub,
      `app of ${sub}`,
    );
  });
}

async function liveGrants(sub: string): Promise<number> {
  return (await listLiveGrants(identity.db, identity.clock.nowMs(), { limit: 100 }, sub)).length;
}

describe('names', () => {
  it('A067 one spelling of a name or an address belongs to one user, whichever of the two it is', async () => {
    const anna = await identity.user('Anna');
    expect((await findUserByUsername(identity, ' ＡNNA '))?.sub).toBe(anna.sub);
    expect((await findUserByUsername(identity, 'Anna@EXAMPLE.com'))?.sub).toBe(anna.sub);
    expect(await create('aNNa')).toBe('username_taken');
    expect(await create('someone', { email: 'ANNA@example.com' })).toBe('username_taken');
  });

  it("A067 no user can have another's e-mail address as username", async () => {
    expect(await create('anna@example.com')).toBe('foreign_email_as_username');
    expect(await create('bert@example.com', { email: 'other@example.com' })).toBe(
      'foreign_email_as_username',
    );
    expect(await create('bert@example.com', { email: 'Bert@example.com' })).toBe('accepted');
    const other = await identity.user('cleo');
    expect(reasonOf(await updateUser(identity, other.sub, { email: 'bert@example.com' }))).toBe(
      'username_taken',
    );
    expect(reasonOf(await updateUser(identity, other.sub, { username: 'anna@example.com' }))).toBe(
      'foreign_email_as_username',
    );
  });

  it('A067 of twenty users created at once with one name, one exists', async () => {
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => create('Dana')));
    expect(outcomes.filter((outcome) => outcome === 'accepted')).toHaveLength(1);
  });

  it('L21 strange names are refused', async () => {
    for (const name of ['', ' ', 'a b', '<script>', 'x'.repeat(129), 'a\u0000b', '-x', 'a\u200e']) {
      expect(await create(name)).toBe('malformed_username');
    }
    const email = 'erna@example.com';
    expect(await create(`\u200e${email}`, { email })).toBe('malformed_username');
    for (const email of [
      'no address',
      'a@b@c',
      '<a@b.example>',
      'a,b@c.example',
      'a\u202eb@c.example',
      'erna@example.com\u200b',
      '@b.example',
    ])
      expect(await create('erna', { email }), email).toBe('malformed_email');
  });
});

describe('what ends with a user', () => {
  it('L13 disabling ends sessions and grants at once; enabling brings none of them back', async () => {
    const { sub } = await identity.user('finn');
    await grantOf(sub);
    const { cookieValue } = await identity.signedIn('finn');
    accepted(await setUserDisabled(identity, sub, true));
    expect(await findSession(identity, cookieValue)).toBeUndefined();
    expect(await liveGrants(sub)).toBe(0);
    expect(reasonOf(await identity.signIn('finn', PASSWORD))).toBe('user_disabled');
    accepted(await setUserDisabled(identity, sub, false));
    expect(await findSession(identity, cookieValue)).toBeUndefined();
    expect(reasonOf(await identity.signIn('finn', PASSWORD))).toBe('accepted');
    expect((await identity.events('user.disabled')).map((event) => event.sub)).toContain(sub);
  });

  it('L13 a password set by the operator ends sessions and grants', async () => {
    const { sub } = await identity.user('gerd');
    await grantOf(sub);
    const { cookieValue } = await identity.signedIn('gerd');
    accepted(await setPassword(identity, sub, 'another quiet lantern tonight'));
    expect(await findSession(identity, cookieValue)).toBeUndefined();
    expect(await liveGrants(sub)).toBe(0);
    expect(reasonOf(await identity.signIn('gerd', PASSWORD))).toBe('wrong_password');
  });

  it('A079 a user created with the name of a deleted one is another user', async () => {
    const first = await identity.user('hans');
    await grantOf(first.sub);
    const { cookieValue, deviceCookie } = await identity.signedIn('hans');
    expect(await removeUser(identity, first.sub)).toBe(true);
    const second = await identity.user('hans');
    expect(second.sub).not.toBe(first.sub);
    expect(await findUser(identity, first.sub)).toBeUndefined();
    expect(await findSession(identity, cookieValue)).toBeUndefined();
    expect(await liveGrants(first.sub)).toBe(0);
    for (let index = 0; index < 5; index += 1) await identity.signIn('hans', 'wrong');
    expect(reasonOf(await identity.signIn('hans', PASSWORD, { deviceCookie }))).toBe('account_throttled');
  });

  it.each([
    ['disabled', (sub: string) => setUserDisabled(identity, sub, true), 'user_disabled'],
    [
      'given a new password',
      (sub: string) => setPassword(identity, sub, 'a lantern for the next night'),
      'wrong_password',
    ],
    ['removed', (sub: string) => removeUser(identity, sub), 'unknown_user'],
  ])('A070 a user who is %s while the password is verified is not signed in', async (what, end, reason) => {
    const name = `ida-${what.length}`;
    const { sub } = await identity.user(name);
    hasher.beforeAnswer = () => end(sub);
    const outcome = await identity.signIn(name, PASSWORD);
    hasher.beforeAnswer = async () => undefined;
    expect(reasonOf(outcome)).toBe(reason);
    expect(await identity.db.all('SELECT 1 FROM sessions WHERE sub = $1 AND ended_at IS NULL', sub)).toEqual(
      [],
    );
  });
});

describe('changes', () => {
  it('two parallel changes are both kept', async () => {
    const { sub } = await identity.user('jan');
    await Promise.all([
      updateUser(identity, sub, { username: 'janis' }),
      updateUser(identity, sub, { claims: { name: 'Jan' } }),
    ]);
    expect(await findUser(identity, sub)).toMatchObject({ username: 'janis', claims: { name: 'Jan' } });
  });

  it('real names and addresses are accepted', async () => {
    const addresses = ['a&b@example.com', "o'brien@example.com", 'jörg@bücher.example', 'admin@localhost'];
    for (const email of addresses) {
      expect(await create(`n${addresses.indexOf(email)}`, { email }), email).toBe('accepted');
      expect(await create(`x${email}`, { email: `x${email}` }), email).toBe('accepted');
    }
    for (const name of ["o'neill", 'x'.repeat(128), 'José', '山田'])
      expect(await create(name), name).toBe('accepted');
  });

  it.each([
    '“bob@example.com”',
    "'bob@example.com'",
    '„bob@example.com“',
    'bob@example..com',
    'bob@example.com.',
    'bob@-example.com',
    'bob@exam ple.com',
    'bob@',
  ])('%s is no address: copied signs, and hosts that there cannot be', async (email) => {
    expect(await create('quoted', { email })).toBe('malformed_email');
  });

  it('named claims change, null removes one, and the others are kept', async () => {
    const { sub } = await identity.user('nora', { claims: { name: 'Nora', nickname: 'N', locale: 'de' } });
    const claims = { nickname: null, locale: 'en', phone_number: '+43 1' };
    expect(accepted(await updateUser(identity, sub, { claims })).claims).toEqual({
      name: 'Nora',
      locale: 'en',
      phone_number: '+43 1',
    });
    expect(reasonOf(await updateUser(identity, sub, { claims: { nickname: 5 } }))).toBe('malformed_claim');
    const without = accepted(await updateUser(identity, sub, { claims: { email: null } }));
    expect(without.email).toBeUndefined();
  });

  it('a new e-mail address is not verified because the old one was', async () => {
    const claims = { email: 'kim@example.com', email_verified: true, name: 'Kim' };
    const { sub } = await identity.user('kim', { claims });
    expect(accepted(await updateUser(identity, sub, { username: 'kimi' }))).toMatchObject({
      email: 'kim@example.com',
      claims: { email_verified: true, name: 'Kim' },
    });
    expect(accepted(await updateUser(identity, sub, { email: 'new@example.com' })).claims).toEqual({
      name: 'Kim',
    });
  });

  it('the claim email is the e-mail address: two that differ are refused, and no other user can have it', async () => {
    const foreign = { username: 'lou', email: 'lou@example.com', claims: { email: 'other@example.com' } };
    expect(reasonOf(await createUser(identity, foreign))).toBe('conflicting_email');
    await identity.user('mia', { claims: { email: 'mia@example.com', email_verified: true } });
    expect(
      reasonOf(await createUser(identity, { username: 'max', claims: { email: 'MIA@example.com' } })),
    ).toBe('username_taken');
  });

  it('an unknown user is not changed', async () => {
    expect(reasonOf(await updateUser(identity, 'nobody', { username: 'x' }))).toBe('unknown_user');
    expect(reasonOf(await setPassword(identity, 'nobody', PASSWORD))).toBe('unknown_user');
    expect(reasonOf(await setUserDisabled(identity, 'nobody', true))).toBe('unknown_user');
    expect(await removeUser(identity, 'nobody')).toBe(false);
  });
});
