/**
 * npm run test:mutation: changes one thing at a time in the modules that decide who may do what, and counts the changes that no
 * test notices. `-- NAME …` for some modules, `-- --fresh` to forget what earlier runs found. Exits 1 where less than 90 %
 * are noticed, or a comparison could be changed unnoticed.
 */
import { runModule } from './module-run.ts';
import { modules } from './modules.ts';
import { report } from './report.ts';

const given = process.argv.slice(2);
const isFresh = given.includes('--fresh');
const wanted = given.filter((word) => word !== '--fresh');
const unknown = wanted.filter((name) => !(name in modules));
if (unknown.length > 0) {
  process.stderr.write(
    `no such module: ${unknown.join(', ')}; there are ${Object.keys(modules).join(', ')}\n`,
  );
  process.exit(2);
}

const failures: string[] = [];
let passed = 0;
for (const [name, module] of Object.entries(modules)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const found = report(name, await runModule(name, module, isFresh));
  process.stdout.write(`${found.lines.join('\n')}\n`);
  passed += found.passed;
  failures.push(...found.failures);
}
for (const failure of failures) process.stdout.write(`FAILED ${failure}\n`);
process.stdout.write(`${passed} passed, ${failures.length} failed\n`);
process.exit(failures.length === 0 ? 0 : 1);
