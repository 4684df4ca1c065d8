#!/usr/bin/env node
/** Refuses an old Node in plain words before anything else is loaded, then runs the command. */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`Gatehouse needs Node 20.19 or newer; this is Node ${process.versions.node}.\n`);
  process.exitCode = 1;
} else {
  const { run } = await import('./commands/run.ts');
  process.exitCode = await run(process.argv.slice(2));
}
