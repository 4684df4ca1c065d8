/** The clean-up rules of all tables at one time: which rows are deleted, or lose their personal data (cleanup.ts). */
import { timePrefix } from '../lib/ids.ts';
import type { Parameter } from './database.ts';
import { type CleanUpRule, DAY_MS, type Retention } from './life-cycle.ts';
import { dependentsFirst } from './life-cycles/index.ts';

/** A clean-up rule with its times computed. */
export interface Rule extends Pick<CleanUpRule, 'key' | 'within' | 'set' | 'everyMs'> {
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

function inDays(rule: CleanUpRule, retention: Retention): CleanUpRule {
  if (rule.days === undefined) return rule;
  const agoMs = retention[rule.days] * DAY_MS;
  return { ...rule, madeAgoMs: agoMs, agoMs };
}

function ruleAt(nowMs: number, { madeAgoMs, due, agoMs = 0, ...rule }: CleanUpRule): Omit<Rule, 'table'> {
  const at = nowMs - agoMs;
  if (madeAgoMs === undefined) return { ...rule, due: due ?? 'true', at };
  const until = timePrefix(nowMs - madeAgoMs);
  return due === undefined
    ? { ...rule, until, due: `${rule.key} < $1`, at: until }
    : { ...rule, until, due, at };
}

/** Audit events before this key lose their addresses; undefined: none do. */
export function blankedUntil(nowMs: number, { personal_data_days }: Retention): string | undefined {
  return personal_data_days > 0 ? timePrefix(nowMs - personal_data_days * DAY_MS) : undefined;
}
