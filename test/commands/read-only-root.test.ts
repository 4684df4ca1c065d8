/** A container that may write to its volume alone, as by docker run --read-only: util-linux's unshare, as root. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ran, runCommand } from '../support/command.ts';

/** Everything but the folder is read-only for the command, and the folders for temporary files are. */
const READ_ONLY = 'mount --bind "$VOLUME" "$VOLUME" && mount -o remount,bind,ro / && cd / && exec "$@"';

const isPermitted = spawnSync('unshare', ['-m', 'sh', '-c', 'mount -o remount,bind,ro /']).status === 0;
if (!isPermitted)
  process.stderr.write('unshare -m is not permitted here: test/commands/read-only-root is left out\n');

describe.skipIf(!isPermitted)('with a root that is read-only', () => {
  let directory: string;
  let volume: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'gatehouse-read-only-'));
    volume = join(directory, 'volume');
    mkdirSync(volume, { mode: 0o700 });
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const run = (words: string[], variables = 'TMPDIR=/tmp', folder = volume): Promise<Ran> => {
    const shell = `export VOLUME='${volume}' ${variables}; exec unshare -m sh -c '${READ_ONLY}' sh "$@"`;
    return runCommand(directory, `sqlite:${join(folder, 'gatehouse.db')}`, words, { shell });
  };

  it('migrations and every verb of database need nothing but the volume', async () => {
    const file = join(volume, 'backup.db');
    for (const words of [['migrate'], ['check'], ['backup', file], ['restore', file]]) {
      const { code, err } = await run(['database', ...words]);
      expect([code, err], words.join(' ')).toEqual([0, expect.anything()]);
    }
  });

  it('a database elsewhere starts no server, and the setting of the unit that lets it write there is named', async () => {
    const folder = join(directory, 'elsewhere');
    mkdirSync(folder, { mode: 0o700 });
    const { code, err } = await run(['serve'], 'TMPDIR=/tmp', folder);
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/server-lock cannot be written \(EROFS\); .* ReadWritePaths\n$/),
    ]);
  });

  it('a backup to standard output that has no folder for its file fails and names TMPDIR', async () => {
    const without = await run(['database', 'backup', '-']);
    expect([without.code, without.out]).toEqual([1, '']);
    expect(without.err).toMatch(
      /^\/tmp \(the variable TMPDIR names another folder\) could not be written \(EROFS/,
    );
    const { code, out } = await run(['database', 'backup', '-'], `TMPDIR='${volume}'`);
    expect([code, out.slice(0, 15)]).toEqual([0, 'SQLite format 3']);
  });
});
