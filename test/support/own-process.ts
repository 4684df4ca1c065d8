/** Finds the test files that need their own process; the others share one that has the server loaded. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Changes that outlive a test file: fake timers, spies, limits, process listeners, rows added to a table of the server. */
const CHANGES = [
  /\bvi\.(?!fn\b)/,
  /\bprocess\.(?:on|once)\(/,
  /\bprocess\.env\.\w+ = /,
  /\.prototype\.\w+ = /,
  /\bas \w+\[\]\)\.(?:push|splice)\(/,
  /\bObject\.assign\(settingsSchema\b/,
];

/** Paths from the root of the repository. */
export const ownProcess: readonly string[] = readdirSync(`${root}test`, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.test.ts'))
  .map((path) => `test/${path}`)
  .filter((path) => CHANGES.some((change) => change.test(readFileSync(root + path, 'utf8'))));
