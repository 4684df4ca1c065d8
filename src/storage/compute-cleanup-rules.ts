/** The clean-up rules of all tables at one time: which rows are deleted, or lose their personal data (cleanup.ts). */

import { DAY_MS } from '../lib/durations.ts';
import { timePrefix } from '../lib/time-ordered-ids-and-secrets.ts';
import type { Parameter } from './database.ts';
import type { CleanUpRule, CleanUpWalk, DueAfterMs, Retention } from './life-cycle.ts';
import { dependentsFirst } from './restore-and-cleanup-rules/index.ts';

/** A clean-up rule with its times computed. */
export interface Rule extends CleanUpWalk {
  readonly table: string;
  /** Rows with this key or a later one are left alone. */
  readonly until?: string;
  /** The condition for the rows, with $1 = {@link at}. */
  readonly due: string;
  readonly at: Parameter;
}

/** Always the same rules in the same order. */
export function rulesAt(nowMs: number, retention: Retention): readonly Rule[] {
  return dependentsFirst.flatMap(({ table, cleanUp }) =>
    cleanUp
      .filter(({ days }) => days === undefined || retention[days] > 0)
      .map((rule) => ({ ...ruleAt(nowMs, inDays(rule, retention)), table })),
  );
}

function inDays(rule: CleanUpRule, retention: Retention): CleanUpWalk & DueAfterMs {
  if (rule.days === undefined) return rule;
  const { days, due, ...walk } = rule;
  const agoMs = retention[days] * DAY_MS;
  return due === undefined ? { ...walk, madeAgoMs: agoMs, agoMs } : { ...walk, due, madeAgoMs: agoMs, agoMs };
}

function ruleAt(nowMs: number, rule: CleanUpWalk & DueAfterMs): Omit<Rule, 'table'> {
  const { key, within, set, everyMs } = rule;
  const walk = { key, ...(within !== undefined && { within }), ...(set !== undefined && { set }), everyMs };
  if (rule.due === undefined) {
    const until = timePrefix(nowMs - rule.madeAgoMs);
    return { ...walk, until, due: `${key} < $1`, at: until };
  }
  const { due, madeAgoMs, agoMs = 0 } = rule;
  const until = madeAgoMs === undefined ? {} : { until: timePrefix(nowMs - madeAgoMs) };
  return { ...walk, ...until, due, at: nowMs - agoMs };
}

/** Audit events before this key lose their addresses; undefined: none do. */
export function blankedUntil(nowMs: number, { personal_data_days }: Retention): string | undefined {
  return personal_data_days > 0 ? timePrefix(nowMs - personal_data_days * DAY_MS) : undefined;
}
