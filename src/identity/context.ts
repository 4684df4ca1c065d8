import type { Audit } from '../audit/record.ts';
import type { Settings } from '../config/schema.ts';
import type { Clock, Logger, Random } from '../lib/runtime.ts';
import type { Database, Tx } from '../storage/database.ts';
import type { PasswordHasher } from './password-hash.ts';

/** What the rules about people need of the house. */
export interface IdentityContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly settings: Settings;
  readonly db: Database;
  readonly audit: Audit;
  readonly passwordHasher: PasswordHasher;
  /** Told in the transaction that ends sessions of a user, while their grants are still there. */
  readonly onSessionsEnded: (tx: Tx, sub: string, sids: readonly string[]) => Promise<void>;
}
