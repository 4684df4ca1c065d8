/** How many failures of each kind are let through, and what comes then. */
import { MINUTE_MS } from '../../lib/durations.ts';

export interface ThrottlePolicy {
  /** Attempts in one window before pauses begin. */
  readonly free: number;
  /** The count starts again after this time; undefined: only after a success. */
  readonly windowMs: number | undefined;
  /** The first pause; each further attempt doubles it. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  /** After this many attempts without a success, no more are checked; undefined: no limit. NIST SP 800-63B-4 §3.2.2: at most 100. */
  readonly limit: number | undefined;
}

/**
 * One account: five free tries, then pauses from 1 s to 15 min. After 100 failures in a row the password is refused on
 * unknown devices until an operator sets a new one or the user signs in on a known device, which has its own count
 * (ASVS V6.1.1: an attacker cannot lock a user out permanently).
 */
export const accountPolicy: ThrottlePolicy = {
  free: 5,
  windowMs: undefined,
  firstPauseMs: 1000,
  longestPauseMs: 15 * MINUTE_MS,
  limit: 100,
};

/** One address (an IPv6 /64): many users may share it, so it has more tries. */
export const addressPolicy: ThrottlePolicy = {
  free: 50,
  windowMs: 10 * MINUTE_MS,
  firstPauseMs: 10000,
  longestPauseMs: 10 * MINUTE_MS,
  limit: undefined,
};

/**
 * One address while many accounts are under attack (A071), in a separate count that excludes known devices. A success does
 * not count, so it seldom affects users who know their passwords.
 */
export const alarmedAddressPolicy: ThrottlePolicy = { ...addressPolicy, free: 5 };

/** Clients that register themselves from one address: enough for a test suite or a device rollout, but not for a flood. */
export const registrationPolicy: ThrottlePolicy = {
  free: 200,
  windowMs: 10 * MINUTE_MS,
  firstPauseMs: 10000,
  longestPauseMs: 10 * MINUTE_MS,
  limit: undefined,
};

/** Wrong client credentials from one address, which many back ends may share: right credentials are never throttled. */
export const clientAddressPolicy: ThrottlePolicy = {
  free: 100,
  windowMs: 10 * MINUTE_MS,
  firstPauseMs: 1000,
  longestPauseMs: 5 * MINUTE_MS,
  limit: undefined,
};

/** Wrong client credentials for one client from one address. */
export const clientPolicy: ThrottlePolicy = {
  free: 20,
  windowMs: 10 * MINUTE_MS,
  firstPauseMs: 1000,
  longestPauseMs: 5 * MINUTE_MS,
  limit: undefined,
};
