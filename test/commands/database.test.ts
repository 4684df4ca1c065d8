import { spawn } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { program } from '../support/program.ts';

let directory: string;
const name = (file: string) => join(directory, file);

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function run(file: string, ...words: string[]): Promise<Ran> {
  const { PATH = '', HOME = '' } = process.env;
  const own = { GATEHOUSE_DATABASE: `sqlite:${name(file)}`, GATEHOUSE_MASTER_KEY: 'k'.repeat(44) };
  const child = spawn(process.execPath, [program, 'database', ...words], {
    cwd: directory,
    env: { PATH, HOME, TMPDIR: directory, ...own },
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out, err })));
}

/** What `check` finds in a copy that `change` was done to. */
async function check(copy: string, change: (file: string) => void) {
  copyFileSync(name('sound.db'), name(copy));
  change(name(copy));
  const ran = await run(copy, 'check', '--json');
  if (ran.out === '') throw new Error(ran.err);
  return { code: ran.code, findings: (JSON.parse(ran.out) as { findings: string[] }).findings.join('\n') };
}

function change(sql: string): (file: string) => void {
  return (file) => {
    const connection = new SqliteDatabase(file);
    connection.exec(`PRAGMA foreign_keys = OFF; ${sql}`);
    connection.close();
  };
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-database-'));
  const made = await run('sound.db', 'migrate');
  expect(made.code).toBe(0);
  new SqliteDatabase(name('sound.db')).exec('PRAGMA wal_checkpoint(TRUNCATE)').close();
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('database check', () => {
  it('a sound database has no findings, and a missing one is exit 3 and is not made', async () => {
    expect(await check('same.db', () => {})).toEqual({ code: 0, findings: '' });
    expect((await run('missing.db', 'check')).code).toBe(3);
    expect(existsSync(name('missing.db'))).toBe(false);
  });

  it('damage, other files, newer migrations and orphans are each reported with what to do', async () => {
    const torn = await check('torn.db', (file) => {
      const descriptor = openSync(file, 'r+');
      for (let page = 2; page < 12; page += 1)
        writeSync(descriptor, Buffer.alloc(4096, 0xa5), 0, 4096, page * 4096);
      closeSync(descriptor);
    });
    expect(torn.code).toBe(1);
    expect(torn.findings).toMatch(/damaged|malformed/);
    expect(torn.findings).toContain('database restore');
    const foreign = await check('foreign.db', (file) =>
      writeFileSync(file, 'notes of mine, no database '.repeat(400)),
    );
    expect(foreign).toMatchObject({
      code: 1,
      findings: expect.stringMatching(/not a usable SQLite database/),
    });
    const newer = await check('newer.db', change(`INSERT INTO migrations VALUES ('9999_later', 'x', 1)`));
    expect(newer).toMatchObject({ code: 1, findings: expect.stringMatching(/older than the database/) });
    const orphan = await check('orphan.db', change(`INSERT INTO passwords VALUES ('nobody', 'x', 1)`));
    expect(orphan).toMatchObject({ code: 1, findings: expect.stringMatching(/passwords/) });
    const withoutRow = await check('withoutRow.db', change('DELETE FROM revisions'));
    expect(withoutRow).toMatchObject({ code: 1, findings: expect.stringMatching(/named gatehouse/) });
  });
});

describe('database backup', () => {
  it('under constant writes it holds what was committed before, and the writes continue', async () => {
    copyFileSync(name('sound.db'), name('busy.db'));
    const writer = new SqliteDatabase(name('busy.db'));
    const insert = writer.prepare('INSERT INTO revoked_tokens (jti, expires_at) VALUES (?, 1)');
    let written = 0;
    const write = () => {
      insert.run(`jti ${written}`);
      written += 1;
    };
    write();
    const before = written;
    const writing = setInterval(write, 1);
    const { code } = await run('busy.db', 'backup', name('busy-backup.db'));
    clearInterval(writing);
    const after = written;
    writer.close();
    expect(code).toBe(0);
    expect(after).toBeGreaterThan(before + 50);
    const held = new SqliteDatabase(name('busy-backup.db'), { readonly: true });
    const { n } = held.prepare('SELECT count(*) AS n FROM revoked_tokens').get() as { n: number };
    held.close();
    expect(n).toBeGreaterThanOrEqual(before);
    expect(n).toBeLessThanOrEqual(after);
    expect((await run('busy-backup.db', 'check')).code).toBe(0);
  });

  it('what is in the way is exit 4, and a backup to standard output leaves no file', async () => {
    writeFileSync(name('taken'), 'mine');
    expect((await run('sound.db', 'backup', name('taken'))).code).toBe(4);
    const copied = await run(
      'sound.db',
      'copy',
      '--from',
      `sqlite:${name('sound.db')}`,
      '--to',
      `sqlite:${name('same.db')}`,
    );
    expect(copied.code).toBe(0);
    const entries = readdirSync(directory).length;
    const { code, out } = await run('sound.db', 'backup', '-');
    expect(code).toBe(0);
    expect(out.startsWith('SQLite format 3')).toBe(true);
    expect(readdirSync(directory)).toHaveLength(entries);
  });
});
