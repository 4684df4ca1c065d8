/** A PostgreSQL that wants a password, and a URL without one: each command says so and ends by itself. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../support/command.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';

let directory: string;
let postgres: TestPostgres;
let bare: string;

describe.skipIf(process.env.TEST_DATABASE_URL !== undefined)('without a password', () => {
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'gatehouse-no-password-'));
    chmodSync(directory, 0o755);
    const rules = join(directory, 'hba.conf');
    writeFileSync(rules, 'host all all all scram-sha-256\n', { mode: 0o644 });
    // It would wait for ten minutes: who ends before that hung up.
    postgres = await startPostgres(['-c', `hba_file=${rules}`, '-c', 'authentication_timeout=600']);
    const url = new URL(postgres.url);
    url.password = '';
    bare = url.href;
    await runCommand(directory, 'sqlite:h.db', ['database', 'migrate']);
  });
  afterAll(async () => {
    await postgres.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  // Nothing of the machine's own may name a password.
  const run = (database: string, words: string[]) =>
    runCommand(directory, database, words, { shell: 'export HOME=/nonexistent; exec "$@"' });

  const says = (more: string) =>
    new RegExp(
      `^the database at 127\\.0\\.0\\.1:\\d+ wants a password and its URL has none: write .*${more}`,
      'm',
    );

  it.each([
    ['user list', ['user', 'list'], '; gatehouse doctor says more'],
    ['serve', ['serve'], ''],
    ['database check', ['database', 'check'], ''],
  ])('%s ends with a sentence', async (_name, words, more) => {
    const { code, out, err } = await run(bare, words);
    expect([code, out + err]).toEqual([1, expect.stringMatching(says(more))]);
    expect(err).not.toContain('unexpected failure');
  });

  it('copy too, and points at the database that doctor looks at', async () => {
    const { code, err } = await run('sqlite:h.db', ['database', 'copy', '--to', bare]);
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(says('; gatehouse doctor says more where the settings name that database')),
    ]);
  });

  it('copy takes what is not named from the settings, where others do not see the password', async () => {
    const words = ['database', 'copy', '--from', 'sqlite:h.db', '--json'];
    const copied = await run(postgres.url, words);
    expect([copied.code, copied.err]).toEqual([0, expect.not.stringContaining('Others on this machine')]);
    const seen = await run('sqlite:h.db', ['database', 'copy', '--to', postgres.url]);
    expect([seen.code, seen.err]).toEqual([4, expect.stringContaining('Others on this machine')]);
    expect(await run('sqlite:h.db', ['database', 'copy'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('name --from or --to'),
    });
  });
});
