/** Evidence that a request shows a key, which only a binding that verified it can make. */
import type { Refusal } from '../../lib/outcome.ts';
import type { OAuthErrorCode } from '../errors.ts';
import type { Spendable } from '../spend-jtis.ts';

const isKeyShown: unique symbol = Symbol('key shown');

/** The request shows that it has a key. Made by {@link keyShown} alone. */
export interface KeyShown {
  readonly [isKeyShown]: true;
  /** What the token will say of the key, such as its thumbprint. */
  readonly value: string;
  readonly toSpend: readonly Spendable[];
}

/** To be said last, when every check has been made. What may be shown again has NOTHING_TO_SPEND. */
export function keyShown(value: string, toSpend: readonly Spendable[]): KeyShown {
  return { [isKeyShown]: true, value, toSpend };
}

/** The word for a request that shows no key in this way. */
export const NOT_SHOWN = 'not shown';

/** What a request shows in one way: nothing, a key, or something that is wrong. */
export type BindingVerdict = typeof NOT_SHOWN | KeyShown | Refusal<OAuthErrorCode>;

/** At run time too, nothing but what {@link keyShown} made is one. */
export function hasShownKey(verdict: Exclude<BindingVerdict, Refusal | typeof NOT_SHOWN>): boolean {
  return isKeyShown in verdict;
}
