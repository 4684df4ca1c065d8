/**
 * Deletes rows that no request can use any more. It walks every table in the order of its key, a few rows per step, to
 * the end: no statement reads many rows, and no index is needed for it.
 */

import type { Clock } from '../lib/clock-and-random.ts';
import { pause } from '../lib/pause.ts';
import { blankedUntil, type Rule, rulesAt } from './compute-cleanup-rules.ts';
import type { Database } from './database.ts';
import type { Retention } from './life-cycle.ts';
import { blankNextAddresses } from './tables/blank-audit-addresses.ts';

/** The rows that one statement reads. */
const STEP_ROWS = 200;

/** After each step it pauses for this many times as long as the step took, LONGEST_PAUSE_MS at most. */
const PAUSE_FACTOR = 9;
const LONGEST_PAUSE_MS = 100;

export interface CleanUp {
  /** Runs until every walk that is due is complete. Returns how many rows were deleted or blanked. */
  run(): Promise<number>;
  /** Stops; resolves after the current step. */
  close(): Promise<void>;
}

export interface CleanUpParts {
  readonly db: Database;
  readonly clock: Clock;
  readonly settings: Retention;
}

/** The position in one table. */
interface Walk {
  /** The last key that was processed; '' at the beginning. */
  from: string;
  nextAtMs: number;
}

interface Task {
  readonly everyMs: number;
  /** One step after the key `from`. Returns the last key that it processed, '' at the end of the table. */
  step(from: string): Promise<{ readonly from: string; readonly changed: number }>;
}

/** Keeps the position in each table in memory. A call of `run` during a run joins that run. */
export function createCleanUp(parts: CleanUpParts): CleanUp {
  const walks: Walk[] = [];
  let changed = 0;
  let isClosing = false;
  let running: Promise<number> | undefined;

  /** False if nothing is due now. */
  async function takeStep(task: Task, walk: Walk): Promise<boolean> {
    const nowMs = parts.clock.nowMs();
    // Further away than possible: the clock was set back since.
    const isLater = nowMs < walk.nextAtMs && walk.nextAtMs <= nowMs + task.everyMs;
    if (isClosing || (walk.from === '' && isLater)) return false;
    const startedMs = performance.now();
    const done = await task.step(walk.from);
    changed += done.changed;
    walk.from = done.from;
    walk.nextAtMs = nowMs + task.everyMs;
    await pauseAfterStep(performance.now() - startedMs);
    return true;
  }

  /** One step of each task in turn, so that a large table does not delay the others. */
  async function run(): Promise<number> {
    changed = 0;
    for (let hasProgress = true; hasProgress; ) {
      hasProgress = false;
      for (const [index, task] of tasksOf(parts).entries()) {
        walks[index] ??= { from: '', nextAtMs: 0 };
        if (await takeStep(task, walks[index])) hasProgress = true;
      }
    }
    return changed;
  }

  return {
    run() {
      running ??= run().finally(() => {
        running = undefined;
      });
      return running;
    },
    async close() {
      isClosing = true;
      // The caller of run() received the error.
      await running?.catch(() => {});
    },
  };
}

async function pauseAfterStep(tookMs: number): Promise<void> {
  await pause(Math.min(PAUSE_FACTOR * tookMs, LONGEST_PAUSE_MS));
}

/** Always the same tasks in the same order. */
function tasksOf({ db, clock, settings }: CleanUpParts): readonly Task[] {
  const nowMs = clock.nowMs();
  const until = blankedUntil(nowMs, settings);
  const rules = rulesAt(nowMs, settings).map((rule) => ({
    everyMs: rule.everyMs,
    step: (from: string) => stepOf(db, rule, from),
  }));
  return until === undefined ? rules : [...rules, blankingTask(db, until)];
}

async function stepOf(db: Database, rule: Rule, from: string): Promise<{ from: string; changed: number }> {
  const { table, key, within, until, due, at, set } = rule;
  const first = within === undefined ? '' : `${within} AND `;
  const last = until === undefined ? '' : `AND ${key} < $3`;
  const step = await db.get<{ last: string; seen: number; due: number }>(
    `SELECT MAX(step_key) AS last, COUNT(*) AS seen, SUM(is_due) AS due FROM (
       SELECT ${key} AS step_key, CASE WHEN ${due} THEN 1 ELSE 0 END AS is_due FROM ${table}
       WHERE ${first}${key} > $2 ${last} ORDER BY ${key} LIMIT ${STEP_ROWS}) AS step`,
    ...[at, from, ...(until === undefined ? [] : [until])],
  );
  const verb = set === undefined ? `DELETE FROM ${table}` : `UPDATE ${table} SET ${set}`;
  const sql = `${verb} WHERE ${first}${due} AND ${key} > $2 AND ${key} <= $3`;
  const isDue = step !== undefined && Number(step.due) > 0;
  const changed = isDue ? await db.write((tx) => tx.run(sql, at, from, step.last)) : 0;
  return { from: step && Number(step.seen) === STEP_ROWS ? step.last : '', changed };
}

/** Its position is kept in the database, because it rewrites every row of the log once. */
function blankingTask(db: Database, until: string): Task {
  return {
    everyMs: 5000,
    async step() {
      const { isThrough, changed } = await blankNextAddresses(db, until);
      return { from: isThrough ? '' : 'more', changed };
    },
  };
}
