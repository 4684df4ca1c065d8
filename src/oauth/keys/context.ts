/** What making, renewing and retiring keys may touch. */
import type { Audit } from '../../audit/write-in-transaction-or-batch.ts';
import type { Settings } from '../../config/settings-schema.ts';
import type { Clock, Random } from '../../lib/clock-and-random.ts';
import type { Database } from '../../storage/database.ts';

export interface KeyContext {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly settings: Settings;
  readonly audit: Audit;
}
