/** What is kept of each table for how long; what is older goes, or loses what tells of a person (cleanup.ts). */
import { timePrefix } from '../lib/ids.ts';
import type { Parameter } from './database.ts';
import { AT_ONCE } from './tables/outbox.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** An operator sees for so long whom nobody could tell. */
const DEAD_LETTER_MS = 30 * DAY_MS;
/** An app may go by a session that expired, or that a restore ended, for so long: it hears when all of the person end. */
const UNTOLD_MS = 30 * DAY_MS;
/** No pause before another attempt, nor a lease, is so long (notify/delivery.ts): a clock that was ahead set it. */
const OUTBOX_LATEST_MS = 11 * MINUTE_MS;
/** The longest that settings allow a refresh token and a session to live, together. */
const LONGEST_GRANT_AND_SESSION_MS = 1400 * DAY_MS;
/** Longer than the window and the longest pause of every throttle but those of accounts. */
const THROTTLE_MS = HOUR_MS;
const ACCOUNT_THROTTLE_MS = 30 * DAY_MS;

/** interaction_seconds is an hour at most; for as long again one that expired can be begun anew. */
export const INTERACTION_KEPT_MS = 2 * HOUR_MS;

/** A code that was never spent is still there for so long. */
export const CODE_KEPT_MS = HOUR_MS;

/** A node that is ahead takes nothing that another, or the same when it is set right, would believe to be new. */
const SPENT_KEPT_MS = HOUR_MS;

/** Where all that is old goes, there is little to look at. */
const OFTEN_MS = 5000;
/** Where most of it stays, all of it is looked at. */
const SELDOM_MS = 10 * MINUTE_MS;

export interface Retention {
  readonly audit_days: number;
  readonly personal_data_days: number;
}

export interface Rule {
  readonly table: string;
  readonly key: string;
  /** What the primary key begins with, where it begins with something else. */
  readonly within?: string;
  /** Rows with this key, and later ones, are left alone. */
  readonly until?: string;
  /** Which rows, given {@link at} as $1. */
  readonly due: string;
  readonly at: Parameter;
  /** What is done with them; undefined: they are deleted. */
  readonly set?: string;
  /** How long after it went through all rows it begins anew. */
  readonly everyMs: number;
}

/** A statement that reads one of these rows asks for its expiry itself: nothing depends on when it goes. */
export function rulesAt(nowMs: number, retention: Retention): readonly Rule[] {
  return [
    ...oneTimeRules(nowMs),
    ...grantRules(nowMs),
    ...otherRules(nowMs),
    ...personRules(nowMs, retention),
  ];
}

function oneTimeRules(nowMs: number): Rule[] {
  const expired = { key: 'value_key', due: 'expires_at < $1', at: nowMs, everyMs: OFTEN_MS };
  return [
    {
      ...expired,
      table: 'interactions',
      key: 'interaction_id',
      until: timePrefix(nowMs - INTERACTION_KEPT_MS),
    },
    { ...expired, table: 'one_time', within: `kind = 'code'`, until: timePrefix(nowMs - CODE_KEPT_MS) },
    // Its key begins with its end, so that no other value of the same key can come later.
    {
      ...expired,
      table: 'one_time',
      within: `kind = 'jti'`,
      until: timePrefix(nowMs - SPENT_KEPT_MS),
      at: nowMs - SPENT_KEPT_MS,
    },
    { ...expired, table: 'one_time', within: `kind = 'initial_access_token'`, until: timePrefix(nowMs) },
    { ...expired, table: 'one_time', within: `kind = 'doctor_mark'`, until: timePrefix(nowMs) },
  ];
}

/** Its client was deleted (oauth/clients/removal.ts): by its epoch it is none of another of that client_id. */
const NO_CLIENT = 'NOT EXISTS (SELECT 1 FROM clients WHERE clients.client_id = grants.client_id)';

/** Which app took part in it goes first, in steps of its own: else one session takes rows without number along. */
const NO_PARTICIPANT = 'NOT EXISTS (SELECT 1 FROM session_clients WHERE session_clients.sid = sessions.sid)';
/** Its session is over for long, and nobody is about to note whom to tell (oauth/notifications/logout-notices.ts). */
const PARTICIPATED = `EXISTS (SELECT 1 FROM sessions WHERE sessions.sid = session_clients.sid
    AND (sessions.ended_at < $1 OR sessions.expires_at < $1))
  AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.person = session_clients.sub AND outbox.destination = '')`;

function grantRules(nowMs: number): Rule[] {
  const until = timePrefix(nowMs - DAY_MS);
  const session = { table: 'sessions', key: 'sid', everyMs: SELDOM_MS };
  return [
    {
      table: 'grants',
      key: 'grant_id',
      until,
      due: `(expires_at < $1 OR ${NO_CLIENT})`,
      at: nowMs,
      everyMs: SELDOM_MS,
    },
    // Several rows have one key: a step ends behind the last of them.
    { table: 'session_clients', key: 'sid', due: PARTICIPATED, at: nowMs - UNTOLD_MS, everyMs: SELDOM_MS },
    { ...session, until, due: `expires_at < $1 AND ended_at IS NULL AND ${NO_PARTICIPANT}`, at: nowMs },
    // An ended session outlives every grant that hangs on it: without it they would live again.
    { ...session, due: `ended_at < $1 AND ${NO_PARTICIPANT}`, at: nowMs - LONGEST_GRANT_AND_SESSION_MS },
  ];
}

function otherRules(nowMs: number): Rule[] {
  const dead = { key: 'outbox_key', due: 'dead_at < $1', at: nowMs - DEAD_LETTER_MS };
  const throttle = { table: 'throttles', key: 'throttle_key', everyMs: SELDOM_MS };
  const isOver = 'blocked_until < $1 AND window_started_at < $1';
  const ofAccount = `(throttle_key LIKE 'account:%' OR throttle_key LIKE 'device:%')`;
  return [
    { ...dead, table: 'outbox', everyMs: SELDOM_MS },
    {
      table: 'outbox',
      key: 'outbox_key',
      due: 'next_at > $1 AND dead_at IS NULL',
      at: nowMs + OUTBOX_LATEST_MS,
      set: `next_at = ${AT_ONCE}`,
      // Whoever must be told of a sign-out waits.
      everyMs: MINUTE_MS,
    },
    {
      table: 'revoked_tokens',
      key: 'jti',
      due: 'expires_at < $1',
      at: nowMs - DAY_MS,
      everyMs: SELDOM_MS,
    },
    { ...throttle, due: `${isOver} AND NOT ${ofAccount}`, at: nowMs - THROTTLE_MS },
    { ...throttle, due: isOver, at: nowMs - ACCOUNT_THROTTLE_MS },
  ];
}

/** What settings say about people; 0 days are for ever. */
function personRules(nowMs: number, { audit_days, personal_data_days }: Retention): Rule[] {
  const audited = timePrefix(nowMs - audit_days * DAY_MS);
  const log = { table: 'audit_log', key: 'log_key', everyMs: OFTEN_MS };
  const atMs = nowMs - personal_data_days * DAY_MS;
  const isOver = '(ended_at < $1 OR idle_expires_at < $1 OR expires_at < $1)';
  const session = { table: 'sessions', key: 'sid', everyMs: SELDOM_MS, until: timePrefix(atMs), at: atMs };
  return [
    ...(audit_days > 0 ? [{ ...log, until: audited, due: 'log_key < $1', at: audited }] : []),
    ...(personal_data_days > 0
      ? [{ ...session, due: `${isOver} AND address <> ''`, set: `address = '', user_agent = ''` }]
      : []),
  ];
}

/** Audit events up to here keep no address; undefined: all keep it. */
export function blankedUntil(nowMs: number, { personal_data_days }: Retention): string | undefined {
  return personal_data_days > 0 ? timePrefix(nowMs - personal_data_days * DAY_MS) : undefined;
}
