import type { Answer, Connection } from './connection.ts';
import type { Subject } from './subject.ts';

export interface Load {
  readonly concurrency: number;
  readonly seconds: number;
}

/** One operation from first byte to last answer; 'exhausted' where what was prepared is used up. */
export type Hand = () => Promise<'exhausted' | undefined>;

export interface Workload {
  readonly name: string;
  /** The prepared values are used up, so none are spent on a warm-up. */
  readonly isFinite?: boolean;
  /** Prepares what the connections need, outside the measured time; one worker per connection. */
  prepare(subject: Subject, connections: readonly Connection[], load: Load): Promise<readonly Hand[]>;
}

/** Returns the answer if its status is as expected: a benchmark must not count errors as work. */
export function expectStatus(answer: Answer, ...wanted: readonly number[]): Answer {
  if (wanted.includes(answer.status)) return answer;
  throw new Error(`status ${answer.status}, not ${wanted.join(' or ')}: ${answer.head}\n${answer.body}`);
}
