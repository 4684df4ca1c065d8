import { DAY_MS } from '../../lib/durations.ts';
import { AS_IN_BACKUP, type LifeCycleOf, SELDOM_MS } from '../life-cycle.ts';

/**
 * For this long an app may rely on a session that expired or that a restore ended: it is notified when all sessions
 * of the user end.
 */
const UNTOLD_MS = 30 * DAY_MS;

/** The session ended long ago, and no notices of its user are being prepared (oauth/notifications/write-logout-notices.ts). */
const IS_DUE = `EXISTS (SELECT 1 FROM sessions WHERE sessions.sid = session_clients.sid
    AND (sessions.ended_at < $1 OR sessions.expires_at < $1))
  AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.person = session_clients.sub AND outbox.destination = '')`;

export const sessionClients: LifeCycleOf<{ sid: string; client_id: string; sub: string }> = {
  table: 'session_clients',
  columns: { sid: 'key', client_id: 'key', sub: 'backup' },
  dependsOn: {
    sid: { table: 'sessions', ends: 'cascade' },
    client_id: { table: 'clients', ends: 'pieces' },
    sub: { table: 'users', ends: 'another' },
  },
  // Several rows have the same sid: a step ends after the last of them.
  cleanUp: [{ key: 'sid', due: IS_DUE, agoMs: UNTOLD_MS, everyMs: SELDOM_MS }],
  personal: [
    {
      what: 'which apps are notified when a session ends',
      kept: 'until the session ended and they were notified, or it expires',
    },
  ],
  // Which apps to notify when the session ends: it allows nothing.
  restore: AS_IN_BACKUP,
};
