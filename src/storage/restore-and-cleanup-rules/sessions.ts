import { DAY_MS } from '../../lib/durations.ts';
import { type LifeCycleOf, SELDOM_MS } from '../life-cycle.ts';
import type { SessionRow } from '../tables/sessions.ts';

/** The sum of the longest lifetimes that settings allow for a refresh token and a session. */
const LONGEST_GRANT_AND_SESSION_MS = 1400 * DAY_MS;

/**
 * The rows of participating apps are deleted first, in steps of their own: one session could cascade to any number of
 * rows.
 */
const NO_PARTICIPANT = 'NOT EXISTS (SELECT 1 FROM session_clients WHERE session_clients.sid = sessions.sid)';

export const sessions: LifeCycleOf<SessionRow> = {
  table: 'sessions',
  columns: {
    sid: 'key',
    session_key: 'backup',
    sub: 'backup',
    auth_time: 'backup',
    amr: 'backup',
    address: 'backup',
    user_agent: 'backup',
    created_at: 'backup',
    seen_at: 'backup',
    idle_expires_at: 'backup',
    expires_at: 'backup',
    ended_at: 'ends',
    epoch: 'backup',
  },
  dependsOn: { sub: { table: 'users', ends: 'pieces' } },
  cleanUp: [
    {
      key: 'sid',
      madeAgoMs: DAY_MS,
      due: `expires_at < $1 AND ended_at IS NULL AND ${NO_PARTICIPANT}`,
      everyMs: SELDOM_MS,
    },
    // An ended session is kept longer than every grant that references it: without the row those grants would be
    // valid again.
    {
      key: 'sid',
      due: `ended_at < $1 AND ${NO_PARTICIPANT}`,
      agoMs: LONGEST_GRANT_AND_SESSION_MS,
      everyMs: SELDOM_MS,
    },
    {
      key: 'sid',
      days: 'personal_data_days',
      due: `(ended_at < $1 OR idle_expires_at < $1 OR expires_at < $1) AND address <> ''`,
      set: `address = '', user_agent = ''`,
      everyMs: SELDOM_MS,
    },
  ],
  personal: [
    {
      what: 'sessions',
      kept: 'until `session_absolute_seconds` and a day; one that was ended, 1,400 days, so that grants and tokens of it cannot become valid again',
    },
    {
      what: '**address and user agent of a session**',
      kept: 'while the session is valid; after its end, `personal_data_days`',
    },
  ],
  restore: { ends: { by: 'ended_at', counted: 'sessions' } },
};
