/** An installation whose SQLite was made for another Node, as after an upgrade of the system's Node. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCommand } from '../support/command.ts';
import { freePort } from '../support/free-port.ts';

const WORDS = {
  /** Node 24.21.0 over what was built for Node 20. */
  anotherNode: `The module '/x/better_sqlite3.node'
was compiled against a different Node.js version using
NODE_MODULE_VERSION 115. This version of Node.js requires
NODE_MODULE_VERSION 137. Please try re-compiling or re-installing
the module (for instance, using \`npm rebuild\` or \`npm install\`).`,
  /** An installation whose install scripts did not run. */
  notBuilt: 'Cannot find module',
};
const CODES = { anotherNode: 'ERR_DLOPEN_FAILED', notBuilt: 'MODULE_NOT_FOUND' };

let directory: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-node-'));
  for (const failure of ['anotherNode', 'notBuilt'] as const)
    writeFileSync(
      join(directory, `${failure}.cjs`),
      `const load = process.dlopen;
       process.dlopen = (module, file, ...more) => {
         if (!file.includes('better_sqlite3')) return load(module, file, ...more);
         throw Object.assign(new Error(${JSON.stringify(WORDS[failure])}), { code: '${CODES[failure]}' });
       };`,
    );
  await runCommand(directory, 'sqlite:h.db', ['database', 'migrate']);
  await runCommand(directory, 'sqlite:h.db', ['database', 'backup', 'b.db']);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it.each([
  ['serve', 'anotherNode', 'requires NODE_MODULE_VERSION 137). '],
  ['serve', 'notBuilt', '(Could not locate the bindings file). '],
  ['user list', 'anotherNode', 'requires NODE_MODULE_VERSION 137). '],
  ['database check', 'anotherNode', 'requires NODE_MODULE_VERSION 137). '],
  ['database restore b.db', 'anotherNode', 'requires NODE_MODULE_VERSION 137). '],
  ['doctor', 'anotherNode', 'requires NODE_MODULE_VERSION 137). '],
] as const)(
  '%s where SQLite cannot be loaded (%s) says what to type where, and blames no file',
  async (words, failure, seen) => {
    const port = await freePort();
    const own = () => readdirSync(directory).filter((name) => name !== 'h.db.server-lock');
    const before = own();
    const shell = `NODE_OPTIONS="--require ./${failure}.cjs" GATEHOUSE_LISTEN=127.0.0.1:${port} exec "$@"`;
    const { code, out, err } = await runCommand(directory, 'sqlite:h.db', words.split(' '), { shell });
    const said = out + err;
    expect(said).toContain(`SQLite cannot be loaded by this Node, ${process.version} (`);
    expect(said).toContain(seen);
    expect(said).toContain('type npm rebuild there');
    expect(said).not.toMatch(/unexpected failure|lock file|its folder|\\u000a/);
    expect(code).toBe(1);
    expect(own()).toEqual(before);
  },
);
