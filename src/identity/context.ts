import type { Audit } from '../audit/record.ts';
import type { Settings } from '../config/schema.ts';
import type { Clock, Logger, Random } from '../lib/clock-and-random.ts';
import type { Database, Tx } from '../storage/database.ts';
import type { ClaimCatalogue } from './claims/catalogue.ts';

/** `rank`: how often whoever asks was counted already; where many wait, who was counted least comes first. */
export interface PasswordHasher {
  /** A PHC string. Throws QueueFullError where too many wait. */
  hash(password: string, rank?: number): Promise<string>;
  /**
   * Verifies against the PHC string, or, without one, spends the same time and answers false (ASVS V6.3.8). Throws
   * QueueFullError as hash.
   */
  verify(phc: string | undefined, password: string, rank?: number): Promise<boolean>;
  /** Throws QueueFullError where neither would have a place: nothing need be counted for that. */
  refuseFull(rank: number): void;
  close(): void;
}

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
  /** Every claim that a scope or a request can ask for. */
  readonly claimCatalogue: ClaimCatalogue;
  readonly passwordHasher: PasswordHasher;
  /** Told in the transaction that ended sessions of a user. */
  readonly onSessionsEnd: SessionEndListener;
}

/** To end sessions: whoever is told of it is told in the same transaction. */
export type SessionEndContext = Pick<IdentityContext, 'clock' | 'audit' | 'onSessionsEnd'>;

/** To begin a session, which may end the one before. */
export type SessionStartContext = SessionEndContext & Pick<IdentityContext, 'random' | 'settings'>;

/** To find who is signed in; a session that is used is kept alive. */
export type SessionReadContext = Pick<IdentityContext, 'clock' | 'db' | 'settings'>;

/** What a factor may touch. */
export type FactorContext = Pick<IdentityContext, 'clock' | 'db' | 'passwordHasher' | 'settings'>;

/** To count attempts, and to record those that fail. */
export type AttemptContext = Pick<IdentityContext, 'audit' | 'clock' | 'db' | 'log'>;

/** To prove a factor, each attempt at which is counted. */
export type ProofContext = FactorContext & AttemptContext;

/** To prove who somebody is, and to begin the session. */
export type SignInContext = ProofContext & SessionStartContext;

/** To make a user, with a password where one is given. */
export type NewUserContext = Pick<
  IdentityContext,
  'audit' | 'claimCatalogue' | 'clock' | 'db' | 'passwordHasher' | 'random' | 'settings'
>;
