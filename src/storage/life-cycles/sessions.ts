import { DAY_MS, type LifeCycleOf, SELDOM_MS } from '../life-cycle.ts';
import type { SessionRow } from '../tables/sessions.ts';

/** The longest that settings allow a refresh token and a session to live, together. */
const LONGEST_GRANT_AND_SESSION_MS = 1400 * DAY_MS;

/** Which app took part in it goes first, in steps of its own: else one session takes rows without number along. */
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
    // An ended session outlives every grant that hangs on it: without it they would live again.
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
  restore: { ends: { by: 'ended_at', counted: 'sessions' } },
};
