/** A grant that may be refreshed, and clients that may and may not refresh it, as values. */
import type { Client } from '../../../src/oauth/clients/client.ts';
import type { GrantRow } from '../../../src/storage/tables/grants.ts';

export const NOW_MS = 1_800_000_000_000;
export const GRANT_ID = `0123456ab${'x'.repeat(27)}`;

export const clientWith = (more: object, confidential = true) =>
  ({
    confidential,
    profile: 'oidc',
    metadata: { grant_types: ['authorization_code', 'refresh_token'], ...more },
  }) as unknown as Client;

export const grantWith = (more: Partial<GrantRow> = {}) =>
  ({
    grant_id: GRANT_ID,
    refresh_generation: 3,
    refresh_salt: 'salt',
    revoked_at: null,
    expires_at: NOW_MS + 1,
    refresh_idle_expires_at: NOW_MS + 1,
    ...more,
  }) as GrantRow;

export const WITHOUT = clientWith({ grant_types: ['authorization_code'] });
