import { DAY_MS, type LifeCycleOf, SELDOM_MS } from '../life-cycle.ts';

/** An app may go by a session that expired, or that a restore ended, for so long: it hears when all of the person end. */
const UNTOLD_MS = 30 * DAY_MS;

/** Its session is over for long, and nobody is about to note whom to tell (oauth/notifications/logout-notices.ts). */
const PARTICIPATED = `EXISTS (SELECT 1 FROM sessions WHERE sessions.sid = session_clients.sid
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
  // Several rows have one key: a step ends behind the last of them.
  cleanUp: [{ key: 'sid', due: PARTICIPATED, agoMs: UNTOLD_MS, everyMs: SELDOM_MS }],
};
