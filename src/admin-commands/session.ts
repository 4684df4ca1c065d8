import { z } from 'zod';
import { endSession, endSessionsOfUserAndTell } from '../identity/sessions/end-sessions.ts';
import { listLiveSessions } from '../identity/sessions/find-live-sessions.ts';
import { findSessionSeen, parsePlace, placeOf } from '../identity/sessions/session-list-cursor.ts';
import { type Session, toSession } from '../identity/sessions/session-type.ts';
import { refuse } from '../lib/outcome.ts';
import { hasOfflineGrant } from '../storage/tables/live-grants.ts';
import { listEndedSessions } from '../storage/tables/session-lists.ts';
import { findLiveSessionById, type SessionRow } from '../storage/tables/sessions.ts';
import { boundedText } from './bounded-text.ts';
import { isoTime } from './format-iso-time.ts';
import { type AdminContext, type Noun, verb } from './noun-and-verb-types.ts';
import { range, rangeFlags, readPart } from './read-part-of-list.ts';
import { withUsernames } from './usernames-beside-subs.ts';
import { type Printed, WithNotice } from './verb-output-types.ts';
import { withUser, withUsers } from './with-user.ts';
import { MAY_CHANGE_NOTHING, writeAudited } from './write-only-with-audit-event.ts';

function describe(session: Session) {
  return {
    sid: session.sid,
    sub: session.sub,
    address: session.address,
    user_agent: session.userAgent,
    auth_time: isoTime(session.authTimeMs),
    seen_at: isoTime(session.seenAtMs),
  };
}

function describeEnded(row: SessionRow) {
  return { ...describe(toSession(row)), ...(row.ended_at !== null && { ended_at: isoTime(row.ended_at) }) };
}

async function listPart(
  context: AdminContext,
  { limit, after }: { readonly limit: number; readonly after?: string | undefined },
  sub?: string,
): Promise<Printed> {
  const place =
    after === undefined ? undefined : (parsePlace(after) ?? (await findSessionSeen(context, after)));
  if (after !== undefined && !place)
    return refuse('not_found', 'unknown_session', `there is no session ${after}`);
  return readPart({
    limit,
    read: (wanted) => listLiveSessions(context, sub, { limit: wanted, after: place }),
    keyOf: (session: Session) => placeOf(session),
    value: (rows) => withUsernames(context.db, rows.map(describe)),
  });
}

/** Ended sessions until they are deleted; with address and user agent until personal_data_days have passed. */
function listEnded(
  context: AdminContext,
  sub: string,
  { limit, after = '' }: { readonly limit: number; readonly after?: string | undefined },
): Promise<Printed> {
  return readPart({
    limit,
    read: (wanted) => listEndedSessions(context.db, context.clock.nowMs(), { sub, after, limit: wanted }),
    keyOf: ({ sid }) => sid,
    value: (rows) => withUsernames(context.db, rows.map(describeEnded)),
  });
}

/** Ends the sessions of all `subs` in one transaction. One value where one user was named, otherwise a list. */
async function endAllOf(context: AdminContext, subs: readonly string[]): Promise<Printed> {
  const ended = await writeAudited(
    context,
    async (tx) => {
      const each: { sub: string; ended: number }[] = [];
      for (const sub of subs)
        each.push({ sub, ended: await endSessionsOfUserAndTell(context, tx, sub, '', undefined) });
      return each;
    },
    MAY_CHANGE_NOTHING,
  );
  const [only, another] = ended;
  return only === undefined || another ? ended : only;
}

/**
 * Adds a notice about apps that keep access without a session: an operator who ends the sessions of a stolen device
 * must know.
 */
async function withOfflineNotice(
  { db, clock }: AdminContext,
  subs: readonly string[],
  ended: Printed,
): Promise<Printed> {
  const keeping: string[] = [];
  for (const sub of subs) if (await hasOfflineGrant(db, clock.nowMs(), sub)) keeping.push(sub);
  if (keeping.length === 0) return ended;
  return new WithNotice(
    ended,
    `apps that were allowed offline_access go on for ${keeping.join(', ')}: gatehouse grant list --user shows them, ` +
      'and gatehouse grant revoke, or a new password (gatehouse user set-password), ends them',
  );
}

export const sessionNoun: Noun = {
  name: 'session',
  summary: 'where people are signed in',
  verbs: [
    verb({
      name: 'list',
      summary: 'live sessions',
      input: z.object({ user: boundedText.optional(), ended: z.boolean().optional(), ...range }),
      flags: [
        { member: 'user', flag: 'user', kind: 'text', sentence: 'of one person alone' },
        { member: 'ended', flag: 'ended', kind: 'switch', sentence: 'the ended sessions of that person' },
        ...rangeFlags('sid, or the place that the part before named'),
      ],
      async run(context, { user, ended, ...asked }) {
        if (ended) {
          return user === undefined
            ? refuse('usage', 'missing_user', 'name whose: --ended goes with --user')
            : withUser(context, user, (sub) => listEnded(context, sub, asked));
        }
        const list = (sub?: string) => listPart(context, asked, sub);
        return user === undefined ? list() : withUser(context, user, list);
      },
    }),
    verb({
      name: 'revoke',
      summary: 'end one session, or with --user all of a person; apps that were allowed offline_access go on',
      input: z.object({ sid: boundedText.optional(), users: z.array(boundedText).optional() }),
      argument: 'sid',
      flags: [
        {
          member: 'users',
          flag: 'user',
          kind: 'list',
          sentence: 'all sessions of this person; may be repeated',
        },
      ],
      async run(context, { sid, users }) {
        if (users !== undefined && sid === undefined)
          return withUsers(context, users, async (subs) =>
            withOfflineNotice(context, subs, await endAllOf(context, subs)),
          );
        if (users !== undefined || sid === undefined)
          return refuse('usage', 'sid_or_user', 'name a sid, or --user, and not both');
        const live = await findLiveSessionById(context.db, sid, context.clock.nowMs());
        if (await endSession(context, sid, undefined))
          return withOfflineNotice(context, live ? [live.sub] : [], { sid, ended: 1 });
        return refuse('not_found', 'unknown_session', `there is no live session ${sid}`);
      },
    }),
  ],
};
