/** What was done in an interaction: what each step stored, by its name. */
import type { Done } from '../situation-for-next-step.ts';
import type { Step } from './step.ts';

export const NOTHING_DONE: Done = {};

type Storing<Stored> = Pick<Step<Stored>, 'name' | 'done'>;

/** What the step stored; undefined where it was not done, or was in a shape that it does not know. */
export function doneIn<Stored>(done: Done, step: Storing<Stored>): Stored | undefined {
  const stored = done[step.name];
  if (stored === undefined) return undefined;
  const parsed = step.done.safeParse(stored);
  return parsed.success ? parsed.data : undefined;
}

/** With `stored` in place of what the step stored before. */
export function withDone<Stored>(done: Done, step: Storing<Stored>, stored: Stored): Done {
  return { ...done, [step.name]: stored };
}

/** Without what the step stored. */
export function withoutDone(done: Done, { name }: Pick<Step, 'name'>): Done {
  return Object.fromEntries(Object.entries(done).filter(([other]) => other !== name));
}

/** What is kept when an expired interaction is renewed: all else was chosen and proved for the time before. */
export function remainingOf(done: Done, steps: readonly Step[]): Done {
  const kept = steps.map((step) => [step.name, remainsOf(done, step)] as const);
  return Object.fromEntries(kept.filter(([, remains]) => remains !== undefined));
}

function remainsOf(done: Done, step: Step): unknown {
  const stored = doneIn(done, step);
  return stored === undefined ? undefined : step.remains?.(stored);
}
