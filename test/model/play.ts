/** The steps of one moment, all at once, and what becomes of the model. */
import { parseAccess } from '../../src/oauth/access/stored-access.ts';
import { findClient } from '../../src/storage/tables/clients.ts';
import { findConsent } from '../../src/storage/tables/consents.ts';
import { findUser } from '../../src/storage/tables/users.ts';
import { type Life, type State, type Thing, worst } from './life.ts';
import { ask } from './question.ts';
import type { Outcome, Step } from './step.ts';
import type { World } from './world.ts';

export interface Moment {
  readonly steps: readonly Step[];
  /** Requests wait before their nth write until the operator is done; undefined where it is as it comes. */
  readonly heldAt: number | undefined;
}

/** Throws where something lives that must not, or does not live that must. */
export async function play(life: Life, world: World, { steps, heldAt }: Moment): Promise<void> {
  if (steps.some(({ isGuess }) => isGuess)) await forgetThrottles(world);
  world.clock.advance(1);
  life.moment += 1;
  const before = new Set(life.things);
  const nowMs = world.clock.nowMs();
  const run = (step: Step) => step.run({ life, world, server: world.node(step.node), nowMs });
  const outcomes = await (heldAt === undefined
    ? Promise.all(steps.map(run))
    : runHeld(world, steps, run, heldAt));
  await world.settled();
  for (const { made = [] } of outcomes) life.things.push(...made);
  for (const thing of life.things) thing.state = fateOf(thing, outcomes, !before.has(thing));
  for (const thing of life.things) if (thing.kind === 'grant') thing.presenting = [];
  count(world, steps, outcomes);
  await readStanding(life, world);
  refuseRefusals(steps, outcomes);
  if (!steps.some(({ isConsenting }) => isConsenting)) refuseRemembering(outcomes);
  await ask(life, world);
}

/** The requests have read what they read; then the operator acts, and then they write. */
async function runHeld(
  { writes }: World,
  steps: readonly Step[],
  run: (step: Step) => Promise<Outcome>,
  heldAt: number,
): Promise<Outcome[]> {
  const requests = steps.filter(({ isDirect }) => !isDirect).length;
  let done = 0;
  const begin = (step: Step) =>
    run(step).finally(() => {
      done += 1;
    });
  writes.hold('begin');
  const begun = new Map(steps.filter(({ isDirect }) => !isDirect).map((step) => [step, begin(step)]));
  for (let write = 0; write <= heldAt; write += 1) {
    if (write > 0) writes.letOn();
    while (done + writes.waiting() < requests) await new Promise((resolve) => setImmediate(resolve));
  }
  for (const step of steps) begun.set(step, begun.get(step) ?? run(step));
  await Promise.all(steps.filter(({ isDirect }) => isDirect).map((step) => begun.get(step)));
  writes.release();
  return Promise.all(steps.map((step) => begun.get(step) ?? run(step)));
}

function fateOf(thing: Thing, outcomes: readonly Outcome[], isNew: boolean): State {
  return worst(thing.state, ...outcomes.map(({ fate }) => fate?.(thing, isNew)));
}

/** A server that refuses everybody is no answer: what was due, and nothing ended beside it, must have been done. */
function refuseRefusals(steps: readonly Step[], outcomes: readonly Outcome[]): void {
  for (const [index, { due = false, through }] of outcomes.entries()) {
    const isBesideAnEnd = outcomes.some(({ fate }, other) => other !== index && fate !== undefined);
    if (due && !through && !isBesideAnEnd) {
      throw new Error(`"${steps[index]?.name}" was refused, and nothing had ended`);
    }
  }
}

function refuseRemembering(outcomes: readonly Outcome[]): void {
  const remembered = outcomes.find(({ withdrawn }) => withdrawn?.isConsented);
  if (remembered) throw new Error(`the consent to ${remembered.withdrawn?.name} was withdrawn, and is there`);
}

/** Whether person and apps are let in is read: where two steps decided at once, both answers are right. */
async function readStanding(life: Life, world: World): Promise<void> {
  const { db } = world.node(0).gatehouse;
  const user = await findUser(db, life.person.sub);
  life.person.isIn = user !== undefined && user.disabled_at === null;
  for (const app of life.apps) {
    const { client_id } = app.registered.client;
    const row = await findClient(db, client_id);
    app.isIn = row !== undefined && row.disabled_at === null;
    const consent = await findConsent(db, life.person.sub, client_id);
    app.isConsented = consent !== undefined;
    app.isOfflineConsented =
      consent !== undefined && parseAccess(consent.access).scope.includes('offline_access');
  }
}

/** Guesses are counted elsewhere (test/identity/attempts/throttling.test.ts). */
async function forgetThrottles(world: World): Promise<void> {
  await world.node(0).gatehouse.db.write((tx) => tx.run('DELETE FROM throttles'));
}

function count({ counts }: World, steps: readonly Step[], outcomes: readonly Outcome[]): void {
  for (const [index, { name }] of steps.entries()) {
    const known = counts.get(name) ?? { done: 0, through: 0 };
    const through = outcomes[index]?.through ? 1 : 0;
    counts.set(name, { done: known.done + 1, through: known.through + through });
  }
}
