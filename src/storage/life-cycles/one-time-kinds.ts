/** TABLE of what is good once, each with how long it is kept. A new kind is a line here, no migration. */
import { HOUR_MS } from '../life-cycle.ts';

/** A code that was never spent is still there for so long. */
export const CODE_KEPT_MS = HOUR_MS;

/** A node that is ahead takes nothing that another, or the same when it is set right, would believe to be new. */
const SPENT_KEPT_MS = HOUR_MS;

export interface OneTimeKindLife {
  /** Its key begins with a time; when that is so long ago, the clean-up takes it. */
  readonly keptMs: number;
  /** But no sooner than so long after its end. */
  readonly afterEndMs?: number;
}

export const oneTimeKinds = {
  code: { keptMs: CODE_KEPT_MS },
  // Its key begins with its end, so that no other value of the same key can come later.
  jti: { keptMs: SPENT_KEPT_MS, afterEndMs: SPENT_KEPT_MS },
  initial_access_token: { keptMs: 0 },
  doctor_mark: { keptMs: 0 },
} satisfies Readonly<Record<string, OneTimeKindLife>>;

export type OneTimeKind = keyof typeof oneTimeKinds;
