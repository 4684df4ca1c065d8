/** Whom a machine endpoint answers. Each is proven in its own place; who says nothing has not said who asks. */

const isCaller: unique symbol = Symbol('caller');

/** What showed who asks. */
export type CallerKind =
  | 'client authentication'
  | 'access token'
  | 'registration access token'
  | 'initial access token'
  | 'nothing';

/** Who asks, proven. Made by {@link callerProven} alone, or {@link OPEN_TO_EVERYBODY}. */
export interface Caller {
  readonly [isCaller]: true;
  readonly by: CallerKind;
}

/** To be said last, when every check has been made and what is good for once is spent. */
export function callerProven(by: Exclude<CallerKind, 'nothing'>): Caller {
  return { [isCaller]: true, by };
}

/** The answer is the same for everybody, and anybody may have it. */
export const OPEN_TO_EVERYBODY: Caller = { [isCaller]: true, by: 'nothing' };

/** At run time too, nothing but what was made here is a caller. */
export function isCallerProven(caller: Caller): boolean {
  return isCaller in caller;
}
