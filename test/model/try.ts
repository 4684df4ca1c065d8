import { playLives } from './lives.ts';
import { openPostgresWorld, openSqliteWorld } from './world.ts';

const world = await (process.argv[2] === 'pg' ? openPostgresWorld() : openSqliteWorld());
const t = performance.now();
const lived = await playLives(world, {
  lives: Number(process.argv[3] ?? 20),
  seed: Number(process.argv[4] ?? 1),
});
console.log(lived.lives, lived.steps, lived.violation);
console.log([...world.counts].map(([n, c]) => `${n} ${c.done} ${c.through}`).join('\n'));
console.log((performance.now() - t) / 1000, 's', process.cpuUsage());
await world.stop();
