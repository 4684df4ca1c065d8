import type { Audit } from '../audit/record.ts';
import type { Settings } from '../config/schema.ts';
import type { Clock, Logger, Random } from '../lib/runtime.ts';
import type { Database } from '../storage/database.ts';
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
}
