/** What is broken is a sentence, whatever the command: what was seen, and what to do. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runCommand } from '../support/command.ts';

const TIMEOUT_MS = 120_000;
const isRoot = process.getuid?.() === 0;

let directory: string;
let file: string;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-night-'));
  file = join(directory, 'data', 'gatehouse.db');
  mkdirSync(join(directory, 'data'), { mode: 0o700 });
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const gatehouse = (words: readonly string[], shell = 'exec "$@"') =>
  runCommand(directory, `sqlite:${file}`, words, { shell });

/** Every command ends with exit code 1 and the sentence. */
async function expectSentence(sentence: RegExp, commands: readonly string[], shell?: string): Promise<void> {
  for (const command of commands) {
    const { code, out, err } = await gatehouse(command.split(' '), shell);
    expect([code, out], `${command}: ${err}`).toEqual([1, '']);
    expect(err, command).toMatch(sentence);
    expect(err, command).not.toMatch(/unexpected|undefined/);
  }
}

it(
  'a database that another program locks',
  async () => {
    expect((await gatehouse(['user', 'create', '--username', 'alice'])).code).toBe(0);
    expect((await gatehouse(['database', 'backup', 'b.db'])).code).toBe(0);
    const lock = new SqliteDatabase(file);
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE held (id TEXT); COMMIT');
    const commands = ['user list', 'group create staff', 'database backup c.db', 'database restore b.db'];
    await expectSentence(/the database is locked: another program holds it .*gatehouse doctor/, commands);
    lock.close();
  },
  TIMEOUT_MS,
);

it(
  'a database that is none, or damaged',
  async () => {
    writeFileSync(file, 'nonsense '.repeat(2000));
    const commands = ['user list', 'group create staff', 'database backup c.db', 'serve'];
    await expectSentence(/is not a usable SQLite database \(SQLITE_NOTADB\); restore a backup/, commands);
  },
  TIMEOUT_MS,
);

it.runIf(isRoot)(
  'another user than the server runs as',
  async () => {
    expect((await gatehouse(['user', 'create', '--username', 'alice'])).code).toBe(0);
    chmodSync(directory, 0o755);
    const shell = 'exec setpriv --reuid 65534 --regid 65534 --clear-groups "$@"';
    const copy = `database copy --from sqlite:${file} --to sqlite:${join(directory, 'c.db')}`;
    const commands = [
      'user list',
      'group create staff',
      'database check',
      'database backup c.db',
      copy,
      'serve',
    ];
    await expectSentence(
      /cannot be looked at \(EACCES\): its folder \S+ belongs to root \(mode 0700\), and this runs as \w+; .*\(chown\)/,
      commands,
      shell,
    );
    const examined = await gatehouse(['doctor'], shell);
    expect(examined.out).toMatch(/FAIL {2}database .*EACCES/);
  },
  TIMEOUT_MS,
);

it('settings that are no file, not there, or no YAML', async () => {
  const settings = join(directory, 'gatehouse.yaml');
  mkdirSync(settings);
  await expectSentence(/gatehouse\.yaml cannot be read \(EISDIR\); it must be a file/, [
    'user list',
    'health',
  ]);
  rmSync(settings, { recursive: true });
  const named = join(directory, 'nope.yaml');
  await expectSentence(new RegExp(`there is no file ${named}`), ['--config nope.yaml user list']);
  writeFileSync(settings, 'a: [1\n b: {');
  await expectSentence(/gatehouse\.yaml is not YAML/, ['user list', 'serve']);
});
