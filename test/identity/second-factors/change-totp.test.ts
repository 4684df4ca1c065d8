import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  beginEnrolment,
  cancelEnrolment,
  ENROLMENT_MS,
  findEnrolledAt,
  findEnrolmentSeed,
  finishEnrolment,
  removeTotp,
} from '../../../src/identity/second-factors/change-totp.ts';
import { endSession } from '../../../src/identity/sessions/end-sessions.ts';
import { findSession } from '../../../src/identity/sessions/find-live-sessions.ts';
import type { SignedIn } from '../../../src/identity/sign-in.ts';
import { codeAt, stepAt } from '../../../src/identity/totp/totp-codes.ts';
import { sessionOf } from '../factors/session-of-user.ts';
import {
  accepted,
  type IdentityFixture,
  openIdentity,
  plainHasher,
  reasonOf,
  sourceAt,
} from '../identity-only.ts';

const source = sourceAt('192.0.2.1');
let identity: IdentityFixture;
let here: SignedIn;
beforeEach(async () => {
  identity = await openIdentity({ passwordHasher: plainHasher() });
  await identity.user();
  here = await identity.signedIn();
});
afterEach(() => identity.close());

const code = (seed: string) => codeAt(seed, stepAt(identity.clock.nowMs()));
const isEnrolled = async () => (await findEnrolledAt(identity, here.session.sub)) !== undefined;

async function begin(session = here.session): Promise<string> {
  accepted(await beginEnrolment(identity, session));
  return (await findEnrolmentSeed(identity, session)) ?? '';
}

const finish = (typed: string, { session = here.session, endOtherSessions = false } = {}) =>
  finishEnrolment(identity, { session, source, endOtherSessions, code: typed });

describe('setting up an app', () => {
  it('changes nothing until a first right code, which enrols it and is proven in the session, under a new id', async () => {
    const seed = await begin();
    expect(await isEnrolled()).toBe(false);
    expect(reasonOf(await finish('000000'))).toBe('wrong_code');
    expect(await isEnrolled()).toBe(false);
    const { cookieValue } = accepted(await finish(code(seed)));
    expect(await isEnrolled()).toBe(true);
    expect(await findSession(identity, here.cookieValue)).toBeUndefined();
    expect(await findSession(identity, cookieValue)).toMatchObject({ amr: ['pwd', 'otp'] });
    expect(await identity.events('totp.enrolled')).toHaveLength(1);
  });

  it('in another tab shows the same app, and in another session another one', async () => {
    const seed = await begin();
    expect(await begin()).toBe(seed);
    const there = await identity.signedIn();
    expect(await findEnrolmentSeed(identity, there.session)).toBeUndefined();
    expect(reasonOf(await finish(code(seed), { session: there.session }))).toBe('enrolment_over');
    expect(await begin(there.session)).not.toBe(seed);
  });

  it('ends after ten minutes, and when it is given up: the next one is another', async () => {
    const seed = await begin();
    identity.advance(ENROLMENT_MS);
    expect(reasonOf(await finish(code(seed)))).toBe('enrolment_over');
    const next = await begin();
    expect(next).not.toBe(seed);
    await cancelEnrolment(identity, here.session);
    expect(reasonOf(await finish(code(next)))).toBe('enrolment_over');
    expect(await isEnrolled()).toBe(false);
  });

  it('of twenty forms at once with the right code, one enrols', async () => {
    const typed = code(await begin());
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => finish(typed)));
    expect(outcomes.filter((outcome) => reasonOf(outcome) === 'accepted')).toHaveLength(1);
    expect(await identity.events('totp.enrolled')).toHaveLength(1);
  });

  it.each([true, false])('L12 other sessions end if that was chosen (%s)', async (endOtherSessions) => {
    const there = await identity.signedIn();
    accepted(await finish(code(await begin()), { endOtherSessions }));
    expect((await findSession(identity, there.cookieValue)) === undefined).toBe(endOtherSessions);
  });

  it('in a session that has ended does nothing', async () => {
    const seed = await begin();
    await endSession(identity, here.session.sid, undefined);
    expect(reasonOf(await finish(code(seed)))).toBe('session_ended');
    expect(reasonOf(await beginEnrolment(identity, here.session))).toBe('session_ended');
  });
});

describe('an app that is enrolled', () => {
  let seed: string;
  beforeEach(async () => {
    seed = await begin();
    accepted(await finish(code(seed)));
  });

  it('stays until the first code of the next one is right', async () => {
    const next = await begin();
    const before = await findEnrolledAt(identity, here.session.sub);
    identity.advance(30_000);
    expect(reasonOf(await finish(code(seed)))).toBe('wrong_code');
    expect(await findEnrolledAt(identity, here.session.sub)).toBe(before);
    accepted(await finish(code(next)));
    expect(await findEnrolledAt(identity, here.session.sub)).not.toBe(before);
    expect(await identity.events('totp.replaced')).toHaveLength(1);
  });

  it('L19 is neither replaced nor removed by a session that was begun without it, as a stolen one', async () => {
    const user = { sub: here.session.sub } as Parameters<typeof sessionOf>[1];
    const { session } = await sessionOf(identity, user, ['pwd']);
    expect(reasonOf(await beginEnrolment(identity, session))).toBe('acr_not_reached');
    expect(reasonOf(await finish('000000', { session }))).toBe('acr_not_reached');
    const change = { session, source, endOtherSessions: false };
    expect(reasonOf(await removeTotp(identity, change))).toBe('acr_not_reached');
    expect(await isEnrolled()).toBe(true);
  });

  it('L19 is not replaced by what a session began before, when there was none', async () => {
    const user = { sub: here.session.sub } as Parameters<typeof sessionOf>[1];
    const change = { session: here.session, source, endOtherSessions: false };
    accepted(await removeTotp(identity, change));
    const { session } = await sessionOf(identity, user, ['pwd']);
    const prepared = await begin(session);
    accepted(await finish(code(await begin())));
    expect(reasonOf(await finish(code(prepared), { session }))).toBe('acr_not_reached');
  });

  it.each([true, false])(
    'is removed; other sessions end if that was chosen (%s)',
    async (endOtherSessions) => {
      const user = { sub: here.session.sub } as Parameters<typeof sessionOf>[1];
      const { session: other } = await sessionOf(identity, user);
      const change = { session: here.session, source, endOtherSessions };
      expect(await removeTotp(identity, change)).toEqual({ removed: true });
      expect(await isEnrolled()).toBe(false);
      expect(await removeTotp(identity, change)).toEqual({ removed: false });
      const ended = accepted(await beginEnrolment(identity, here.session));
      expect(ended).toEqual({ begun: true });
      expect(reasonOf(await beginEnrolment(identity, other))).toBe(
        endOtherSessions ? 'session_ended' : 'accepted',
      );
      expect(await identity.events('totp.removed')).toHaveLength(1);
    },
  );
});
