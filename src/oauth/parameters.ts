/** Request parameters: RFC 6749 §3.1 and §3.2, empty values and repetitions. */
import { OAuthError } from './errors.ts';

export type Pair = readonly [name: string, value: string];

export interface Parameters {
  /** The value, or undefined where it is absent or empty. */
  get(name: string): string | undefined;
  /** Every value of a repeatable parameter. */
  all(name: string): readonly string[];
}

/** RFC 8707 §2: the one parameter here that may be repeated. */
const REPEATABLE = new Set(['resource']);

/** Settles empties and repetitions. Throws OAuthError invalid_request for a repeated parameter. */
export function parseParameters(pairs: readonly Pair[]): Parameters {
  const values = new Map<string, string[]>();
  for (const [name, value] of pairs) {
    const known = values.get(name);
    if (known && !REPEATABLE.has(name)) throw repeated(name);
    const sent = value === '' ? [] : [value];
    if (known) known.push(...sent);
    else values.set(name, sent);
  }
  return { get: (name) => values.get(name)?.[0], all: (name) => values.get(name) ?? [] };
}

function repeated(name: string): OAuthError {
  const shown = name.replace(/[^A-Za-z0-9_.-]/g, '?').slice(0, 40);
  return new OAuthError(
    'invalid_request',
    'repeated_parameter',
    `the parameter ${shown} was sent more than once`,
  );
}
