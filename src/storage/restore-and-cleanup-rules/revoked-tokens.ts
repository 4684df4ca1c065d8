import { DAY_MS } from '../../lib/durations.ts';
import { AS_IN_BACKUP, type LifeCycleOf, NO_PERSONAL_DATA, SELDOM_MS } from '../life-cycle.ts';

export const revokedTokens: LifeCycleOf<{ jti: string; expires_at: number }> = {
  table: 'revoked_tokens',
  columns: { jti: 'key', expires_at: 'backup' },
  cleanUp: [{ key: 'jti', due: 'expires_at < $1', agoMs: DAY_MS, everyMs: SELDOM_MS }],
  personal: NO_PERSONAL_DATA,
  // A token issued before the restore is refused (oauth/tokens/access-token-jti-contents.ts), also one revoked since the backup.
  restore: AS_IN_BACKUP,
};
