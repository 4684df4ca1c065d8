import type { Audit } from '../audit/record.ts';
import type { Settings } from '../config/schema.ts';
import type { Clock, Logger, Random } from '../lib/runtime.ts';
import type { Database, Tx } from '../storage/database.ts';
import type { PasswordHasher } from './password-hash.ts';

export interface SessionEndListener {
  /** One session. */
  one(tx: Tx, sub: string, sid: string): Promise<void>;
  /** All of a user that are over. */
  all(tx: Tx, sub: string): Promise<void>;
  /** Resolves when whoever must be told of ended sessions of a user is noted: what is known of these may go. */
  rest(sub: string): Promise<void>;
}

/** What the rules about users need. */
export interface IdentityContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly settings: Settings;
  readonly db: Database;
  readonly audit: Audit;
  readonly passwordHasher: PasswordHasher;
  /** Told in the transaction that ended sessions of a user. */
  readonly onSessionsEnd: SessionEndListener;
}
