import type { Audit } from '../audit/write-in-transaction-or-batch.ts';
import type { Settings } from '../config/settings-schema.ts';
import type { Clock, Random } from '../lib/clock-and-random.ts';
import type { Logger } from '../lib/log.ts';
import type { Notices } from '../notify/write-notices.ts';
import type { Database, Tx } from '../storage/database.ts';
import type { ClaimCatalogue } from './claims/claims-by-scope-and-place.ts';

/** `rank`: the number of attempts counted so far for the caller; where many wait, the lowest rank is served first. */
export interface PasswordHasher {
  /** Gives a PHC string. Throws QueueFullError where too many wait. */
  hash(password: string, rank?: number): Promise<string>;
  /**
   * Verifies against the PHC string, or, without one, spends the same time and answers false (ASVS V6.3.8). Throws
   * QueueFullError as hash.
   */
  verify(phc: string | undefined, password: string, rank?: number): Promise<boolean>;
  /** Throws QueueFullError where the queue has no place for this rank, so that the attempt need not be counted. */
  refuseFull(rank: number): void;
  close(): void;
}

export interface SessionEndListener {
  /** One session. */
  one(tx: Tx, sub: string, sid: string): Promise<void>;
  /** All sessions of a user that have ended. */
  all(tx: Tx, sub: string): Promise<void>;
  /** Resolves when all notifications about a user's ended sessions are stored: the rows of these sessions may be deleted. */
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
  /** Every claim that a scope or a request can ask for. */
  readonly claimCatalogue: ClaimCatalogue;
  readonly passwordHasher: PasswordHasher;
  /** Called in the transaction that ended sessions of a user. */
  readonly onSessionsEnd: SessionEndListener;
  /** Tells users by mail of what changed the security of their account. */
  readonly notices: Notices;
}

/** To end sessions; the listener is called in the same transaction. */
export type SessionEndContext = Pick<IdentityContext, 'clock' | 'audit' | 'notices' | 'onSessionsEnd'>;

/** To begin a session, which may end earlier ones. */
export type SessionStartContext = SessionEndContext & Pick<IdentityContext, 'random' | 'settings'>;

/** To find who is signed in; a session that is used is kept alive. */
export type SessionReadContext = Pick<IdentityContext, 'clock' | 'db' | 'settings'>;

/** What a factor may touch. */
export type FactorContext = Pick<IdentityContext, 'clock' | 'db' | 'passwordHasher' | 'settings'>;

/** To count attempts, and to record those that fail. */
export type AttemptContext = Pick<IdentityContext, 'audit' | 'clock' | 'db' | 'log'>;

/** To prove a factor, each attempt at which is counted. */
export type ProofContext = FactorContext & AttemptContext;

/** To authenticate a user, and to begin the session. */
export type SignInContext = ProofContext & SessionStartContext;

/** To make a user, with a password where one is given. */
export type NewUserContext = Pick<
  IdentityContext,
  'audit' | 'claimCatalogue' | 'clock' | 'db' | 'passwordHasher' | 'random' | 'settings'
>;
