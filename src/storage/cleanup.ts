/**
 * Rows that nobody can ask for any more. Every table is gone through in the order of its keys, a few rows a step, for as
 * long as there is more: no statement looks at many rows, and no index is written for it.
 */

import type { Clock } from '../lib/clock-and-random.ts';
import { pause } from '../lib/pause.ts';
import type { Database } from './database.ts';
import type { Retention } from './life-cycle.ts';
import { blankedUntil, type Rule, rulesAt } from './retention.ts';
import { blankNextAddresses } from './tables/audit.ts';

/** So many rows are looked at by one statement. */
const STEP_ROWS = 200;
/** Of the time it takes, this many times as much is left to others, but never more than so long. */
const REST = 9;
const LONGEST_REST_MS = 100;

export interface CleanUp {
  /** Goes on until everything was gone through that is due; gives how many rows went or were blanked. */
  run(): Promise<number>;
  /** Resolves after the step that is under way. */
  close(): Promise<void>;
}

export interface CleanUpParts {
  readonly db: Database;
  readonly clock: Clock;
  readonly settings: Retention;
}

/** A way through one table. */
interface Walk {
  /** The key up to which it went; '' at its beginning. */
  from: string;
  nextAtMs: number;
}

interface Task {
  readonly everyMs: number;
  /** One step after `from`; gives the key up to which it went, '' where it is through. */
  step(from: string): Promise<{ readonly from: string; readonly changed: number }>;
}

/** Remembers in memory how far it came in each table. Calling `run` while it runs joins the run that is under way. */
export function createCleanUp(parts: CleanUpParts): CleanUp {
  const walks: Walk[] = [];
  let changed = 0;
  let isClosing = false;
  let running: Promise<number> | undefined;

  /** False where it has nothing to do now. */
  async function goOn(task: Task, walk: Walk): Promise<boolean> {
    const nowMs = parts.clock.nowMs();
    // Further away than it can be: the clock went back since.
    const isLater = nowMs < walk.nextAtMs && walk.nextAtMs <= nowMs + task.everyMs;
    if (isClosing || (walk.from === '' && isLater)) return false;
    const startedMs = performance.now();
    const done = await task.step(walk.from);
    changed += done.changed;
    walk.from = done.from;
    walk.nextAtMs = nowMs + task.everyMs;
    await rest(performance.now() - startedMs);
    return true;
  }

  /** A step of each, so that a long way through one table holds up no other. */
  async function run(): Promise<number> {
    changed = 0;
    for (let goesOn = true; goesOn; ) {
      goesOn = false;
      for (const [index, task] of tasksOf(parts).entries()) {
        walks[index] ??= { from: '', nextAtMs: 0 };
        if (await goOn(task, walks[index])) goesOn = true;
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
      // What failed was told to whoever began it.
      await running?.catch(() => {});
    },
  };
}

async function rest(tookMs: number): Promise<void> {
  await pause(Math.min(REST * tookMs, LONGEST_REST_MS));
}

/** Always as many and in the same order. */
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

/** Where it is stands in the database, as every row of the log is written again once. */
function blankingTask(db: Database, until: string): Task {
  return {
    everyMs: 5000,
    async step() {
      const { isThrough, changed } = await blankNextAddresses(db, until);
      return { from: isThrough ? '' : 'further', changed };
    },
  };
}
