/** The sessions that one browser keeps, and the ids that its cookies have. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { endSession } from '../../../src/identity/sessions/end-sessions.ts';
import { findSession, listLiveSessions } from '../../../src/identity/sessions/find-live-sessions.ts';
import {
  findBrowserSessions,
  listBrowserSessions,
  otherSessionsCookie,
} from '../../../src/identity/sessions/several-sessions-in-browser.ts';
import { type IdentityFixture, openIdentity, plainHasher } from '../identity-only.ts';

let identity: IdentityFixture;
beforeEach(async () => {
  identity = await openIdentity({ passwordHasher: plainHasher() });
  await identity.user();
});
afterEach(() => identity.close());

describe('the id', () => {
  it('L7 A056 signing in again gives the same session a new id; the old one is invalid', async () => {
    const first = await identity.signedIn();
    identity.advance(5000);
    const second = await identity.signedIn('alice', { sessionCookie: first.cookieValue });
    expect(second.session.sid).toBe(first.session.sid);
    expect(second.session.authTimeMs).toBe(first.session.authTimeMs + 5000);
    expect(await findSession(identity, first.cookieValue)).toBeUndefined();
    expect(await findSession(identity, second.cookieValue)).toEqual(second.session);
  });

  it("L7 a second user's sign-in keeps the first one signed in, under a new id; the old one is invalid", async () => {
    await identity.user('bob');
    const first = await identity.signedIn();
    const second = await identity.signedIn('bob', { sessionCookie: first.cookieValue });
    expect(second.session.sid).not.toBe(first.session.sid);
    expect(await findSession(identity, first.cookieValue)).toBeUndefined();
    expect(second.others.map(({ session }) => session)).toEqual([first.session]);
    expect(await findSession(identity, second.others[0]?.cookieValue)).toEqual(first.session);
  });

  it('L7 signing in again as one of the others gives that session a new id, and starts no second one', async () => {
    await identity.user('bob');
    const alice = await identity.signedIn();
    const bob = await identity.signedIn('bob', { sessionCookie: alice.cookieValue });
    const again = await identity.signedIn('alice', {
      sessionCookie: bob.cookieValue,
      otherSessionsCookie: otherSessionsCookie(bob.others),
    });
    expect(again.session.sid).toBe(alice.session.sid);
    expect(again.others.map(({ session }) => session.sid)).toEqual([bob.session.sid]);
    for (const dead of [alice, bob, ...bob.others]) {
      expect(await findSession(identity, dead.cookieValue)).toBeUndefined();
    }
    expect(await listLiveSessions(identity)).toHaveLength(2);
  });

  it('a browser keeps the sessions of five users; one more ends the one used longest ago', async () => {
    const names = ['ann', 'ben', 'cem', 'dia', 'eli', 'fay'];
    const jar: { sessionCookie?: string; otherSessionsCookie?: string | undefined } = {};
    const sids: string[] = [];
    for (const name of names) {
      await identity.user(name);
      const signedIn = await identity.signedIn(name, jar);
      jar.sessionCookie = signedIn.cookieValue;
      jar.otherSessionsCookie = otherSessionsCookie(signedIn.others);
      sids.push(signedIn.session.sid);
    }
    const sessions = await findBrowserSessions(identity, {
      session: jar.sessionCookie,
      otherSessions: jar.otherSessionsCookie,
    });
    expect(listBrowserSessions(sessions).map(({ session }) => session.sid)).toEqual(sids.slice(1).reverse());
    expect((await identity.events('session.ended')).map(({ reason }) => reason)).toEqual([
      'too_many_accounts',
    ]);
  });

  it("A074 an entry of the second cookie is ignored where it is another user's, repeated, or of an ended session", async () => {
    await identity.user('bob');
    const alice = await identity.signedIn();
    const bob = await identity.signedIn('bob', { sessionCookie: alice.cookieValue });
    const [other] = bob.others;
    const cookie = (otherSessions: string) =>
      findBrowserSessions(identity, { session: bob.cookieValue, otherSessions });
    const value = other?.cookieValue ?? '';
    expect((await cookie(`${value}.${value}.${bob.cookieValue}`)).others).toEqual([other]);
    expect((await cookie('....x.__proto__')).others).toEqual([]);
    await endSession(identity, alice.session.sid, undefined);
    expect((await cookie(value)).others).toEqual([]);
  });

  it('A056 a planted id is not adopted, and a failed sign-in changes nothing', async () => {
    const planted = '0'.repeat(52);
    expect((await identity.signedIn('alice', { sessionCookie: planted })).cookieValue).not.toBe(planted);
    const { cookieValue } = await identity.signedIn();
    await identity.signIn('alice', 'wrong', { sessionCookie: cookieValue });
    expect(await findSession(identity, cookieValue)).toBeDefined();
  });
});
