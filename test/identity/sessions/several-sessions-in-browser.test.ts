/** Several people who are signed in in one browser: whose session is the active one, and what becomes of the others. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endSession } from '../../../src/identity/sessions/end-sessions.ts';
import {
  activateSession,
  findBrowserSessions,
  keepOthers,
  listBrowserSessions,
  MOST_OTHER_SESSIONS,
  otherSessionsCookie,
} from '../../../src/identity/sessions/several-sessions-in-browser.ts';
import type { StartedSession } from '../../../src/identity/sessions/start-or-renew-session.ts';
import { type IdentityFixture, openIdentity, plainHasher, sourceAt } from '../identity-only.ts';

const PEOPLE = MOST_OTHER_SESSIONS + 2;
const source = sourceAt('192.0.2.1');

let identity: IdentityFixture;
let all: StartedSession[];
beforeAll(async () => {
  identity = await openIdentity({ passwordHasher: plainHasher() });
  all = [];
  for (let index = 0; index < PEOPLE; index += 1) {
    await identity.user(`person${index}`);
    all.push(await identity.signedIn(`person${index}`));
  }
});
afterAll(() => identity.close());

const at = (index: number) => all[index] as StartedSession;
const find = (session: string | undefined, others: readonly StartedSession[]) =>
  findBrowserSessions(identity, { session, otherSessions: otherSessionsCookie(others) });
const subsOf = (sessions: Awaited<ReturnType<typeof find>>) => [
  sessions.active?.session.sub,
  sessions.others.map(({ session }) => session.sub),
];
const sub = (index: number) => at(index).session.sub;

describe('the sessions of a browser', () => {
  it('are the active one and those that wait, in their order', async () => {
    expect(subsOf(await find(at(0).cookieValue, [at(1), at(2)]))).toEqual([sub(0), [sub(1), sub(2)]]);
    expect(subsOf(await find(undefined, [at(1)]))).toEqual([undefined, [sub(1)]]);
    expect(subsOf(await find(undefined, []))).toEqual([undefined, []]);
    expect(
      listBrowserSessions(await find(at(0).cookieValue, [at(1)])).map(({ session }) => session.sub),
    ).toEqual([sub(0), sub(1)]);
  });

  it('are of different people: one who is there twice counts once', async () => {
    expect(subsOf(await find(at(0).cookieValue, [at(0), at(1), at(1)]))).toEqual([sub(0), [sub(1)]]);
  });

  it('are no more than five, and none of what the browser made up', async () => {
    const found = await find(at(0).cookieValue, all.slice(1));
    expect(found.others).toHaveLength(MOST_OTHER_SESSIONS);
    for (const otherSessions of ['', '.', '...', 'x', `x.${at(1).cookieValue}x`])
      expect((await findBrowserSessions(identity, { session: 'x', otherSessions })).others).toEqual([]);
  });
});

it('one of them becomes the active one, and the one that was waits first', async () => {
  const sessions = await find(at(0).cookieValue, [at(1), at(2)]);
  expect(subsOf(activateSession(sessions, at(2).session.sid) ?? { active: undefined, others: [] })).toEqual([
    sub(2),
    [sub(0), sub(1)],
  ]);
  expect(activateSession(sessions, at(3).session.sid)).toBeUndefined();
  expect(activateSession(sessions, '')).toBeUndefined();
});

it('ASVS V7.2.4 those that go on get new ids, those of one’s own do not stay, and too many end', async () => {
  const present = all.slice(0, MOST_OTHER_SESSIONS + 2);
  const signIn = { present, sub: sub(0), source };
  const kept = await identity.db.write((tx) => keepOthers(identity, tx, signIn));
  expect(kept.map(({ session }) => session.sub)).toEqual(
    present.slice(1, 5).map(({ session }) => session.sub),
  );
  for (const [index, one] of kept.entries()) {
    expect(one.cookieValue).not.toBe(at(index + 1).cookieValue);
    expect(subsOf(await find(undefined, [at(index + 1)]))).toEqual([undefined, []]);
    expect(subsOf(await find(undefined, [one]))).toEqual([undefined, [one.session.sub]]);
  }
  const surplus = present.slice(MOST_OTHER_SESSIONS + 1);
  for (const one of surplus) expect(subsOf(await find(one.cookieValue, []))).toEqual([undefined, []]);
  expect(await identity.events('session.ended')).toContainEqual({
    reason: 'too_many_accounts',
    sub: surplus[0]?.session.sub,
  });
});

it('one that ended meanwhile does not go on', async () => {
  await identity.user('late');
  const late = await identity.signedIn('late');
  await endSession(identity, late.session.sid, undefined);
  const signIn = { present: [late], sub: sub(0), source };
  expect(await identity.db.write((tx) => keepOthers(identity, tx, signIn))).toEqual([]);
});
