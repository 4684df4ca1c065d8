import { DAY_MS } from '../../lib/durations.ts';
import { timePrefix } from '../../lib/time-ordered-ids-and-secrets.ts';
import { type LifeCycleOf, SELDOM_MS } from '../life-cycle.ts';
import type { GrantRow } from '../tables/grants.ts';

/**
 * The client was deleted (oauth/clients/delete-client-in-pieces.ts). The epoch keeps the grant from a later client with the same
 * client_id.
 */
const NO_CLIENT = 'NOT EXISTS (SELECT 1 FROM clients WHERE clients.client_id = grants.client_id)';

export const grants: LifeCycleOf<GrantRow> = {
  table: 'grants',
  columns: {
    grant_id: 'key',
    sub: 'backup',
    client_id: 'backup',
    sid: 'backup',
    access: 'backup',
    outlives_session: 'backup',
    auth_time: 'backup',
    amr: 'backup',
    acr: 'backup',
    created_at: 'backup',
    expires_at: 'backup',
    revoked_at: 'ends',
    refresh_generation: 'backup',
    refresh_salt: 'backup',
    refreshed_at: 'backup',
    refresh_idle_expires_at: 'backup',
    code_binding: 'backup',
    user_epoch: 'backup',
    client_epoch: 'backup',
    confirmation: 'backup',
  },
  dependsOn: {
    sub: { table: 'users', ends: 'pieces' },
    // Until the clean-up deletes it: the gate refuses a grant without a client.
    client_id: { table: 'clients', ends: 'outlives' },
    // A grant with refresh tokens outlives a session that expired.
    sid: { table: 'sessions', ends: 'outlives' },
  },
  cleanUp: [
    { key: 'grant_id', madeAgoMs: DAY_MS, due: `(expires_at < $1 OR ${NO_CLIENT})`, everyMs: SELDOM_MS },
  ],
  personal: [
    {
      what: 'what an app may do for a person (grants)',
      kept: 'until its end, `refresh_token_absolute_seconds` at most, and a day',
    },
  ],
  restore: {
    ends: { by: 'revoked_at', counted: 'grants' },
    takesAway: () => [
      // A consent missing in `since` was withdrawn, and with it the client's grants of that user.
      {
        sql: `UPDATE grants SET revoked_at = $now WHERE revoked_at IS NULL AND (sub, client_id) IN
          (SELECT sub, client_id FROM consents EXCEPT SELECT sub, client_id FROM since.consents)`,
      },
    ],
  },
  orphans: [
    {
      sentence:
        'grants hang on a session that is not there, so ending it would not end them. End them: ' +
        'gatehouse grant list, then gatehouse grant revoke --user NAME --client ID',
      sql: `SELECT count(*) AS n FROM grants WHERE revoked_at IS NULL AND sid >= $1
        AND NOT EXISTS (SELECT 1 FROM sessions WHERE sessions.sid = grants.sid)`,
      // An expired session may have been deleted, but none that is this new.
      parameters: (nowMs) => [timePrefix(nowMs - DAY_MS)],
    },
    {
      sentence:
        'grants hold refresh tokens without a salt or an end. End them: gatehouse grant revoke --user NAME --client ID',
      sql: `SELECT count(*) AS n FROM grants WHERE refresh_generation IS NOT NULL
        AND (refresh_salt IS NULL OR refresh_idle_expires_at IS NULL)`,
    },
  ],
};
