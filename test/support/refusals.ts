/** Counts the audit's rows for refusals that any client can cause, and the refusals that these rows stand for. */
import type { AuditEventRow } from '../../src/storage/tables/audit-log.ts';
import { auditEvents } from './flow.ts';
import type { TestServer } from './server.ts';

export interface Told {
  /** Events in the audit. */
  readonly rows: number;
  /** Refusals that they stand for. */
  readonly times: number;
}

/** Counts the events for which `isMeant` is true, after pending counts are written. */
export async function toldOf(server: TestServer, isMeant: (event: AuditEventRow) => boolean): Promise<Told> {
  const meant = (await auditEvents(server)).filter(isMeant);
  const times = meant.reduce((sum, { details }) => sum + Number(details?.times ?? 1), 0);
  return { rows: meant.length, times };
}

/** Runs the work `count` times, `atOnce` at a time, and gives the results. */
export async function many<Result>(
  count: number,
  work: (index: number) => Promise<Result>,
  atOnce = 20,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let start = 0; start < count; start += atOnce) {
    const length = Math.min(atOnce, count - start);
    results.push(...(await Promise.all(Array.from({ length }, (_, index) => work(start + index)))));
  }
  return results;
}
