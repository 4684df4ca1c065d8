/** TABLE of the kinds of one-time values and how long each is kept. A new kind is a row here and needs no migration. */
import { HOUR_MS } from '../../lib/durations.ts';

/** How long an authorization code that was not spent is kept. */
export const CODE_KEPT_MS = HOUR_MS;

export interface OneTimeKindLife {
  /** The clean-up deletes an expired value when the time in its key is longer ago than this. */
  readonly keptMs: number;
}

export const oneTimeKinds = {
  code: { keptMs: CODE_KEPT_MS },
  initial_access_token: { keptMs: 0 },
  doctor_mark: { keptMs: 0 },
} satisfies Readonly<Record<string, OneTimeKindLife>>;

export type OneTimeKind = keyof typeof oneTimeKinds;
