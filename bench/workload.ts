import type { Answer, Connection } from './connection.ts';
import type { Subject } from './subject.ts';

export interface Load {
  readonly concurrency: number;
  readonly seconds: number;
}

/** Does one operation, from first byte to last answer; 'exhausted' where the prepared values are used up. */
export type Operation = () => Promise<'exhausted' | undefined>;

export interface Workload {
  readonly name: string;
  /** Each operation uses up a prepared value, so there is no warm-up. */
  readonly isFinite?: boolean;
  /** Prepares what the connections need, outside the measured time; returns one operation for each connection. */
  prepare(subject: Subject, connections: readonly Connection[], load: Load): Promise<readonly Operation[]>;
}

/** Returns the answer if its status is as expected: a benchmark must not count errors as work. */
export function expectStatus(answer: Answer, ...wanted: readonly number[]): Answer {
  if (wanted.includes(answer.status)) return answer;
  throw new Error(`status ${answer.status}, not ${wanted.join(' or ')}: ${answer.head}\n${answer.body}`);
}
