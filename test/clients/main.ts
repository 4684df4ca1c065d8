/**
 * npm run test:clients: clients that others wrote, with the settings of their own READMEs, from sign-in to sign-out.
 * `-- NAME …` runs these alone and writes no table. CLIENTS_REQUIRED=1: a client that cannot be run here has failed.
 */

import build from '../support/program.ts';
import { catalogue } from './runner/catalogue.ts';
import type { ClientUnderTest } from './runner/client.ts';
import { nameThisMachine } from './runner/host.ts';
import { missingTool, openWorkshop } from './runner/language.ts';
import { type Provider, startProvider } from './runner/provider.ts';
import { hasPassed, type Result } from './runner/result.ts';
import { writeTable } from './runner/table.ts';
import { takeThrough, versionOf } from './runner/take-through.ts';

const say = (line: string) => void process.stdout.write(`${line}\n`);

async function attempt(provider: Provider, client: ClientUnderTest): Promise<Result> {
  const { name, language } = client;
  const missing = missingTool(language);
  if (missing !== undefined) {
    say(`${name}: skipped, since ${missing} is not on this machine`);
    return { client, steps: {}, skipped: missing };
  }
  say(`${name} ${versionOf(client)} (${language.name})`);
  try {
    return await takeThrough(provider, client, await openWorkshop(language), say);
  } catch (error) {
    say(`  FAILED  ${(error as Error).message}`);
    return { client, steps: { 'sign-in': 'failed' } };
  }
}

function chosen(names: readonly string[]): readonly ClientUnderTest[] {
  const unknown = names.find((name) => !catalogue.some((client) => client.name === name));
  if (unknown !== undefined)
    throw new Error(
      `there is no client ${unknown}; there are ${catalogue.map(({ name }) => name).join(', ')}`,
    );
  return names.length === 0 ? catalogue : catalogue.filter(({ name }) => names.includes(name));
}

// What is running ends with it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
const names = process.argv.slice(2);
const clients = chosen(names);
build();
await nameThisMachine();
const provider = await startProvider();
const results: Result[] = [];
try {
  for (const client of clients) results.push(await attempt(provider, client));
} finally {
  await provider.stop();
}
const isStrict = process.env.CLIENTS_REQUIRED === '1';
const failed = results.filter((result) => !hasPassed(result) && (isStrict || result.skipped === undefined));
const passed = results.filter(hasPassed);
if (names.length === 0 && results.every(({ skipped }) => skipped === undefined)) writeTable(results);
for (const { client } of failed) say(`failed: ${client.name}`);
const skipped = results.length - passed.length - failed.length;
say(`${passed.length} passed, ${failed.length} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
if (failed.length > 0) process.exitCode = 1;
