/** What a first start tells to type works where it is typed. CWE-427 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runCommand } from '../support/command.ts';
import { freePort } from '../support/free-port.ts';
import { program } from '../support/program.ts';

const checkout = fileURLToPath(new URL('../../', import.meta.url));
const TIMEOUT_MS = 60_000;

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-greeting-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** The commands that a new installation greets with, where it is started in `folder`. */
async function toldIn(folder: string): Promise<string[]> {
  const port = await freePort();
  const shell = `export GATEHOUSE_ISSUER=http://localhost:${port} GATEHOUSE_LISTEN=127.0.0.1:${port}; exec "$@"`;
  const { out } = await runCommand(folder, `sqlite:${join(directory, 'gatehouse.db')}`, ['serve'], {
    shell,
    whileRunning(child) {
      let said = '';
      child.stdout?.on('data', (chunk) => {
        said += chunk;
        if (said.includes('and then the tokens.')) child.kill('SIGTERM');
      });
    },
  });
  return [...out.matchAll(/^ {2}(.*gatehouse) (?:user|client|login) /gm)].map(([, typed = '']) => typed);
}

it(
  'elsewhere than in the folder of a checkout nothing tells to type npx, which would fetch a stranger’s package',
  async () => {
    expect(await toldIn(directory)).toEqual(['gatehouse', 'gatehouse', 'gatehouse']);
  },
  TIMEOUT_MS,
);

it(
  'npx is told where it finds this program: in the checkout, and where it is installed',
  async () => {
    const told = ['npx gatehouse', 'npx gatehouse', 'npx gatehouse'];
    expect(await toldIn(checkout)).toEqual(told);
    rmSync(directory, { recursive: true });
    const bin = join(directory, 'node_modules', '.bin');
    mkdirSync(bin, { recursive: true, mode: 0o700 });
    symlinkSync(program, join(bin, 'gatehouse'));
    expect(await toldIn(directory)).toEqual(told);
  },
  TIMEOUT_MS,
);
