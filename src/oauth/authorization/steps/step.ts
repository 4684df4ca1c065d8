import type { z } from 'zod';
import type { Reason } from '../../../lib/refusal-reason.ts';
import type { OAuthErrorCode } from '../../errors.ts';
import type { AccessSituation, Situation } from '../situation-for-next-step.ts';

/** What a step returns when there is nothing to do; returning nothing does not mean that. */
export const NOTHING_NEEDED = 'nothing_needed';

/** Why a step is still needed. */
export interface Needed {
  readonly reason: Reason;
}

/** What a step says. */
export type Need = Needed | typeof NOTHING_NEEDED;

/** Says why it is. */
export function needed(reason: Reason): Needed {
  return { reason };
}

/** Something that must have happened before the answer; pure. The order is that of the table. */
interface AnyStep<Stored> {
  /** What it stores in an interaction is stored by this name. */
  readonly name: string;
  /** The page that makes it happen. */
  readonly page: string;
  /** What prompt=none gets instead of the page. OpenID Connect Core §3.1.2.6 */
  readonly errorWhenSilent: OAuthErrorCode;
  /** All reasons for which it is shown. They concern the user and the browser, and are no faults of the app. */
  readonly reasons: readonly Reason[];
  /** The shape of what it stores when it was done. */
  readonly done: z.ZodType<Stored>;
  /** What is kept of that when the interaction is renewed; without it, nothing. */
  remains?(done: Stored): Stored | undefined;
}

/** A step that asks who the user is, whatever the request asks for. */
export interface PersonStep<Stored = unknown> extends AnyStep<Stored> {
  readonly about: 'person';
  /** Why it is still needed, or that it is not. */
  needed(situation: Situation): Need;
}

/** A step that asks what an app may have; it is skipped where no app asks. */
export interface AccessStep<Stored = unknown> extends AnyStep<Stored> {
  readonly about: 'access';
  /** Why it is still needed, or that it is not. */
  needed(situation: AccessSituation): Need;
}

export type Step<Stored = unknown> = PersonStep<Stored> | AccessStep<Stored>;
