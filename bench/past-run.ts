/** One operation on a server with many stored rows, and its cost. */
import { nouns } from '../src/admin-commands/index.ts';
import type { Gatehouse } from '../src/gatehouse.ts';
import type { Loop } from './loop.ts';

/** The measurements of one page or command. */
export interface PastFigure {
  readonly engine: string;
  readonly work: string;
  readonly ms: number;
  /** The longest time that the server's event loop was blocked. */
  readonly loopMs: number;
}

export type Say = (line: string) => void;

export interface Run {
  readonly say: Say;
  readonly gatehouse: Gatehouse;
  readonly loop: Loop;
  readonly engine: string;
  readonly origin: string;
}

export function expectOk<Page extends { readonly status: number; readonly url: string }>(page: Page): Page {
  if (page.status !== 200) throw new Error(`${page.url} answered ${page.status}`);
  return page;
}

/** What a command does when the installation is open. */
export async function runVerb(
  gatehouse: Gatehouse,
  noun: string,
  name: string,
  input: object,
): Promise<unknown> {
  const verb = nouns.find((one) => one.name === noun)?.verbs.find((one) => one.name === name);
  if (!verb) throw new Error(`there is no gatehouse ${noun} ${name}`);
  return verb.run({ ...gatehouse, operator: 'os:bench' }, verb.input.parse(input));
}

/** The best of so many runs, for the time and for the event loop. */
export async function measure(
  run: Run,
  work: string,
  act: () => Promise<unknown>,
  times: number,
): Promise<PastFigure> {
  const seen: { ms: number; loopMs: number }[] = [];
  for (let time = 0; time < times; time += 1) {
    await run.loop.reset();
    const start = performance.now();
    await act();
    const ms = performance.now() - start;
    seen.push({ ms, loopMs: await run.loop.longestMs() });
  }
  const least = (member: 'ms' | 'loopMs') => Math.min(...seen.map((one) => one[member]));
  const figure = { engine: run.engine, work, ms: least('ms'), loopMs: least('loopMs') };
  run.say(`${run.engine}, ${work}: ${figure.ms.toFixed(1)} ms, event loop ${figure.loopMs.toFixed(1)} ms`);
  return figure;
}
