/** TABLE of what is good once, each with how long it is kept. A new kind is a line here, no migration. */
import { HOUR_MS } from '../life-cycle.ts';

/** A code that was never spent is still there for so long. */
export const CODE_KEPT_MS = HOUR_MS;

export interface OneTimeKindLife {
  /** Its key begins with a time; when that is so long ago, and it expired, the clean-up takes it. */
  readonly keptMs: number;
}

export const oneTimeKinds = {
  code: { keptMs: CODE_KEPT_MS },
  initial_access_token: { keptMs: 0 },
  doctor_mark: { keptMs: 0 },
} satisfies Readonly<Record<string, OneTimeKindLife>>;

export type OneTimeKind = keyof typeof oneTimeKinds;
