/** Fewer files than connections: the kernel resets everybody, and no bound of max_connections holds. */
import { mkdtempSync, rmSync } from 'node:fs';
import { platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ran, runCommand } from '../support/command.ts';
import { freePort } from '../support/free-port.ts';

const FEW =
  'may open 300 files and sockets, and max_connections is 8192: once all are taken, everybody who comes';
const REMEDY = 'allow 8392 (LimitNOFILE=8392 in its unit';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-open-files-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe.skipIf(platform() !== 'linux')('max_connections above the limit of open files', () => {
  const run = (words: string[], shell: string, whileRunning = {}): Promise<Ran> =>
    runCommand(directory, `sqlite:${join(directory, 'gatehouse.db')}`, words, {
      shell: `${shell}; exec "$@"`,
      ...whileRunning,
    });

  /** What doctor says of a server that starts so, and what the server said. */
  async function serve(before: string): Promise<{ readonly ran: Ran; readonly doctor: string }> {
    const port = await freePort();
    const place = `export GATEHOUSE_ISSUER=http://localhost:${port} GATEHOUSE_LISTEN=127.0.0.1:${port}`;
    let doctor: Promise<Ran> | undefined;
    const ran = await run(['serve'], `${place}; ${before}`, {
      whileRunning: (child: import('node:child_process').ChildProcess) =>
        child.stdout?.once('data', () => {
          doctor = run(['doctor'], place).finally(() => child.kill('SIGTERM'));
        }),
    });
    return { ran, doctor: (await doctor)?.out ?? '' };
  }

  it('the start warns with both numbers and what to write, and doctor of the server’s own limit', async () => {
    const { ran, doctor } = await serve('ulimit -n 300');
    expect(ran.code).toBe(0);
    expect(ran.err).toContain(`this process ${FEW}`);
    expect(ran.err).toContain(REMEDY);
    expect(ran.err).toContain('or write max_connections: 100');
    expect(doctor).toMatch(/^WARN {2}open files {8}the server \(pid \d+\) may open 300 /m);
  });

  it('nothing is printed where the limit is high enough', async () => {
    const { ran, doctor } = await serve('export GATEHOUSE_MAX_CONNECTIONS=100; ulimit -n 300');
    expect(ran.err).not.toContain('may open');
    expect(doctor).toMatch(/^WARN {2}open files {8}the server \(pid \d+\) may open 300 .* is 8192/m);
    expect((await run(['doctor'], 'export GATEHOUSE_MAX_CONNECTIONS=100; ulimit -n 300')).out).toMatch(
      /^PASS {2}open files {8}this command may open 300, and max_connections is 100$/m,
    );
  });
});
