/** A short run of npm run test:model: the same lives each time, and others. */
import { describe, expect, it } from 'vitest';
import { faults } from './faults.ts';
import { playLives } from './lives.ts';
import { openPostgresWorld, openSqliteWorld, type World } from './world.ts';

const FIXED_SEED = 20_261_128;
const RANDOM_SEED = Math.floor(Math.random() * 2 ** 31);
const LIMIT_MS = 240_000;

const engines: Readonly<Record<string, { lives: number; open(): Promise<World> }>> = {
  'on SQLite': { lives: 30, open: () => openSqliteWorld() },
  'on two nodes over one PostgreSQL': { lives: 10, open: () => openPostgresWorld() },
};

describe.each(Object.entries(engines))('%s', (_engine, { lives, open }) => {
  it(`what lives has living parents, and what nothing ended lives (seed ${RANDOM_SEED})`, {
    timeout: LIMIT_MS,
  }, async () => {
    const world = await open();
    try {
      for (const seed of [FIXED_SEED, RANDOM_SEED]) {
        expect((await playLives(world, { lives, seed })).violation).toBeUndefined();
      }
    } finally {
      await world.stop();
    }
  });
});

it('the model notices where the grants of a user go on', { timeout: LIMIT_MS }, async () => {
  const world = await openSqliteWorld(faults['the grants of a user go on']);
  try {
    const { violation } = await playLives(world, { lives: 400, seed: FIXED_SEED, shrinks: false });
    expect(violation).toContain('is alive, and must be dead');
  } finally {
    await world.stop();
  }
});
