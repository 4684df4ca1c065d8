import { type LifeCycleOf, NEVER_CLEANED, NO_PERSONAL_DATA } from '../life-cycle.ts';
import type { ClientSecretRow } from '../tables/client-secrets.ts';

export const clientSecrets: LifeCycleOf<ClientSecretRow> = {
  table: 'client_secrets',
  columns: { client_id: 'key', secret_hash: 'key', created_at: 'backup', expires_at: 'ends' },
  dependsOn: { client_id: { table: 'clients', ends: 'cascade' } },
  cleanUp: NEVER_CLEANED,
  personal: NO_PERSONAL_DATA,
  restore: {
    takesAway: () => [
      {
        reportedAs: 'secrets_lost',
        sql: `SELECT DISTINCT client_id FROM since.client_secrets AS later JOIN clients USING (client_id)
          WHERE later.secret_hash NOT IN
            (SELECT secret_hash FROM client_secrets WHERE client_secrets.client_id = later.client_id)`,
      },
      {
        reportedAs: 'secrets_ended',
        // A secret missing in `since` belonged to a client that was deleted and created again.
        sql: `UPDATE client_secrets SET expires_at = ends.expires_at FROM
            (SELECT mine.client_id, mine.secret_hash,
              CASE WHEN later.secret_hash IS NULL THEN $now ELSE later.expires_at END AS expires_at
            FROM client_secrets AS mine LEFT JOIN since.client_secrets AS later USING (client_id, secret_hash)
            WHERE mine.client_id IN (SELECT client_id FROM since.clients)) AS ends
          WHERE ends.client_id = client_secrets.client_id AND ends.secret_hash = client_secrets.secret_hash
            AND ends.expires_at < coalesce(client_secrets.expires_at, ends.expires_at + 1)
          RETURNING client_secrets.client_id`,
      },
    ],
  },
};
