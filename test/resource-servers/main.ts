/** npm run test:resource-servers: the APIs of docs/how-to/apis.md, built from its lines, against a running Gatehouse. */
import { spawnSync } from 'node:child_process';
import build from '../support/program.ts';
import { type Kind, kinds } from './kinds.ts';
import { runKind } from './run.ts';
import { prepareScene, type Scene } from './scene.ts';

const isThere = (command: string) => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;

const counts = { passed: 0, failed: 0, skipped: 0 };

function count(is: keyof typeof counts, line: string): void {
  counts[is] += 1;
  console.log(`${{ passed: 'ok', failed: 'NOT OK', skipped: 'skipped' }[is].padEnd(8)}${line}`);
}

async function run(scene: Scene, kind: Kind): Promise<void> {
  if (!isThere(kind.needs)) return count('skipped', `${kind.name}: there is no ${kind.needs} here`);
  try {
    const outcomes = await runKind(scene, kind, true);
    const wrong = outcomes.filter(({ expected, seen }) => expected !== seen);
    for (const { what, expected, seen } of wrong) {
      count('failed', `${kind.name}: ${what}: ${seen}, expected ${expected}`);
    }
    if (wrong.length === 0) count('passed', `${kind.name}: ${outcomes.length} tokens`);
  } catch (error) {
    count('failed', `${kind.name}: ${(error as Error).message}`);
  }
}

/** `npm run test:resource-servers -- Go` runs those alone whose names begin so. */
const [wanted = ''] = process.argv.slice(2);

build();
const scene = await prepareScene();
let isSaid = false;
for (const kind of kinds.filter(({ name }) => name.startsWith(wanted))) {
  if (kind.isPlain && !isSaid) {
    scene.run('gatehouse client update');
    isSaid = true;
  }
  await run(scene, kind);
}
await scene.stop();
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed > 0 || (counts.skipped > 0 && process.env.CI !== undefined) ? 1 : 0;
