/**
 * TABLE of the counts that a short window forgets, by what their keys have before the first colon. A count of any other kind
 * is kept for as long as the longest: of a factor that is new, guesses stay counted.
 */
import { DAY_MS, HOUR_MS } from '../lib/durations.ts';

export const windowKinds: readonly string[] = [
  'address',
  'alarmed-address',
  'client-address',
  'client',
  'registration',
  'login',
  'notice',
];

/** Longer than the window and the longest pause of each of these. */
export const WINDOW_KEPT_MS = HOUR_MS;

/** Of what only a success forgives. */
export const LONGEST_KEPT_MS = 30 * DAY_MS;

/** How long the count with this key is kept after its window began and its pause was over, in milliseconds. */
export function keptMsOf(key: string): number {
  const [kind = ''] = key.split(':', 1);
  return windowKinds.includes(kind) ? WINDOW_KEPT_MS : LONGEST_KEPT_MS;
}
