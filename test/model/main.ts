/**
 * npm run test:model: random lives of a person and their apps, several steps at once, against a model that knows what
 * hangs on what; first, that the model would notice. On one SQLite file and on two nodes over one PostgreSQL.
 * MODEL_COUNT lives on each, MODEL_SEED for the same ones again, MODEL_ENGINES (sqlite, postgres) for less.
 */
import { createReport } from '../crash/report.ts';
import { faults } from './faults.ts';
import { playLives } from './lives.ts';
import { openPostgresWorld, openSqliteWorld, type World } from './world.ts';

const LIVES = Number(process.env.MODEL_COUNT ?? 10_000);
const SEED = Number(process.env.MODEL_SEED ?? Math.floor(Math.random() * 2 ** 31));
/** Enough for each fault to be met. */
const LIVES_WITH_A_FAULT = 400;
/** So many lives between two lines, each with a seed of its own. */
const LIVES_AT_A_TIME = 500;

const engines: Readonly<Record<string, { title: string; open(): Promise<World> }>> = {
  sqlite: { title: 'SQLite', open: () => openSqliteWorld() },
  postgres: { title: 'two nodes over one PostgreSQL', open: () => openPostgresWorld() },
};

const report = createReport();
report.say(`seed ${SEED} (MODEL_SEED)`);

for (const [name, fault] of Object.entries(faults)) {
  const world = await openSqliteWorld(fault);
  const { violation, lives } = await playLives(world, {
    lives: LIVES_WITH_A_FAULT,
    seed: SEED,
    shrinks: false,
  });
  report.expect(`noticed, where ${name}, in ${lives} lives`, violation === undefined ? 'no' : 'yes', 'yes');
  await world.stop();
}

for (const name of (process.env.MODEL_ENGINES ?? Object.keys(engines).join()).split(',')) {
  const engine = engines[name];
  if (!engine) throw new Error(`MODEL_ENGINES knows ${Object.keys(engines).join(', ')}`);
  const world = await engine.open();
  await playAll(engine.title, world);
  await world.stop();
}
report.finish();

async function playAll(title: string, world: World): Promise<void> {
  const startedMs = performance.now();
  let [lives, steps, violations] = [0, 0, 0];
  while (lives < LIVES) {
    const count = Math.min(LIVES_AT_A_TIME, LIVES - lives);
    const seed = SEED + lives;
    const lived = await playLives(world, { lives: count, seed });
    lives += lived.lives;
    steps += lived.steps;
    const seconds = Math.round((performance.now() - startedMs) / 1000);
    report.say(`${title}: ${lives} lives, ${steps} steps, ${seconds} s`);
    if (lived.violation === undefined) continue;
    violations += 1;
    report.say(`VIOLATION with seed ${seed}: ${lived.violation}`);
  }
  for (const [name, { done, through }] of [...world.counts].sort()) {
    report.say(`  ${name}: ${done}, ${through} let through`);
  }
  report.expect(
    `${title}: ${lives} lives; something lived whose parent did not, or the other way round`,
    violations,
    0,
  );
}
