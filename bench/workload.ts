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
  /** What is prepared is used up: no part of it for a warm-up. */
  readonly isFinite?: boolean;
  /** Makes what the hands need, outside the measured time: one hand for each connection. */
  prepare(subject: Subject, connections: readonly Connection[], load: Load): Promise<readonly Hand[]>;
}

/** The answer if its status is the wanted one; a benchmark that counts errors as work measures nothing. */
export function expectStatus(answer: Answer, ...wanted: readonly number[]): Answer {
  if (wanted.includes(answer.status)) return answer;
  throw new Error(`status ${answer.status}, not ${wanted.join(' or ')}: ${answer.head}\n${answer.body}`);
}
