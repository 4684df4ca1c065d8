/** Random lives, as fast-check makes and shrinks them. */
import fc from 'fast-check';
import * as client from './client-steps.ts';
import * as ending from './ending-steps.ts';
import { beginLife } from './first-steps.ts';
import type { Life } from './life.ts';
import { type Moment, play } from './play.ts';
import { askAtTheEnd } from './question.ts';
import type { Step } from './step.ts';
import type { World } from './world.ts';

const LONGEST_LIFE = 14;
const MOST_AT_ONCE = 4;
const ADVANCES_MS = [15_000, 40_000, 360_000, 13 * 3_600_000];

type Make = (choice: client.Choice) => Step;

/** How often each is chosen. What is slow is seldom: signing in, new keys, a restore. */
const weights: readonly (readonly [number, Make])[] = [
  [4, client.beginSession],
  [2, (choice) => client.signIn(choice, true)],
  [1, (choice) => client.signIn(choice, false)],
  [16, (choice) => client.authorize(choice, false)],
  [12, (choice) => client.authorize(choice, true)],
  [20, (choice) => client.presentCode(choice, false)],
  [3, (choice) => client.presentCode(choice, true)],
  [12, (choice) => client.presentRefresh(choice, 0)],
  [3, (choice) => client.presentRefresh(choice, 1)],
  [2, (choice) => client.presentRefresh(choice, 2)],
  [4, client.revokeToken],
  [5, ending.withdraw],
  [4, ending.endOneSession],
  [2, ending.signOutEverywhere],
  [1, ending.changeOwnPassword],
  [2, ending.setUserPassword],
  [2, ending.disableUser],
  [12, ending.enableUser],
  [2, ending.disableAndEnableUser],
  [1, ending.deleteUser],
  [2, ending.disableClient],
  [12, ending.enableClient],
  [3, ending.disableAndEnableClient],
  [1, ending.removeClient],
  [6, (choice) => ending.advance(choice, ADVANCES_MS[choice.which % ADVANCES_MS.length] ?? 0)],
];
const seldom: readonly (readonly [number, Make])[] = [
  [1, ending.revokeKey],
  [3, ending.makeBackup],
  [3, ending.restoreBackup],
];

const choice = fc.record({
  node: fc.nat(1),
  app: fc.nat(1),
  which: fc.nat(7),
  offline: fc.boolean(),
});

function oneOf(made: readonly (readonly [number, Make])[], scale: number) {
  return made.map(([weight, make]) => ({ weight: weight * scale, arbitrary: choice.map(make) }));
}

const step = fc.oneof(...oneOf(weights, 10), ...oneOf(seldom, 2));

/** The steps of one moment. */
class Together implements fc.AsyncCommand<Life, World> {
  private readonly moment: Moment;
  constructor(steps: readonly Step[], heldAt: number | undefined) {
    this.moment = { steps: withoutTwoOfATopic(steps), heldAt };
  }
  check(life: Readonly<Life>): boolean {
    return this.moment.steps.some((one) => one.isReady(life));
  }
  async run(life: Life, world: World): Promise<void> {
    const ready = this.moment.steps.filter((one) => one.isReady(life));
    await play(life, world, { ...this.moment, steps: ready });
  }
  toString(): string {
    const { steps, heldAt } = this.moment;
    const all = steps.map(({ name, text }) => `${name} (${text})`).join(' ∥ ');
    return heldAt === undefined ? all : `${all} held at write ${heldAt}`;
  }
}

function withoutTwoOfATopic(steps: readonly Step[]): Step[] {
  const alone = steps.find(({ isAlone }) => isAlone);
  if (alone) return [alone];
  return steps.filter(
    ({ topic }, index) => topic === undefined || steps.findIndex((one) => one.topic === topic) === index,
  );
}

const together = fc
  .tuple(
    fc.array(step, { minLength: 1, maxLength: MOST_AT_ONCE, size: 'max' }),
    fc.option(fc.nat(1), { nil: undefined }),
  )
  .map(([steps, heldAt]) => new Together(steps, heldAt));

export interface Lived {
  readonly lives: number;
  readonly steps: number;
  /** What was found, with the fewest steps that show it; undefined where nothing was. */
  readonly violation: string | undefined;
}

/** Plays so many lives; stops at the first in which something lives that must not, or the other way round. */
export async function playLives(
  world: World,
  {
    lives,
    seed,
    shrinks = true,
  }: { readonly lives: number; readonly seed: number; readonly shrinks?: boolean },
): Promise<Lived> {
  const before = stepsOf(world);
  const property = fc.asyncProperty(
    fc.commands([together], { maxCommands: LONGEST_LIFE, size: 'max' }),
    async (moments) => {
      const life = await beginLife(world);
      await fc.asyncModelRun(() => ({ model: life, real: world }), moments);
      await askAtTheEnd(life, world);
    },
  );
  const found = await fc.check(property, { numRuns: lives, seed, endOnFailure: !shrinks });
  return {
    lives: found.numRuns,
    steps: stepsOf(world) - before,
    violation: found.failed ? `${String(found.errorInstance)}\n${fc.defaultReportMessage(found)}` : undefined,
  };
}

function stepsOf({ counts }: World): number {
  return [...counts.values()].reduce((sum, { done }) => sum + done, 0);
}
