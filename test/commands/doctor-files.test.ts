/** What doctor says of files and folders as the server's user, wherever it is typed, and that its fixes shut nobody out. */
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCommand } from '../support/command.ts';
import { freePort } from '../support/free-port.ts';

/** Of every Unix; its own group has the same name. */
const USER = 'daemon';
const isRoot = process.getuid?.() === 0 && existsSync('/usr/bin/setpriv');
const AS_USER = `setpriv --reuid ${USER} --regid ${USER} --init-groups`;

let directory: string;
const at = (name: string) => join(directory, name);
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-doctor-files-'));
  chmodSync(directory, 0o755);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Finding {
  readonly name: string;
  readonly status: string;
  readonly evidence: string;
  readonly fix: string;
}

/** `settings` are GATEHOUSE_… variables; `who` begins the command. */
async function doctor(settings: Record<string, string>, { who = '', folder = directory, words = [''] } = {}) {
  const port = await freePort();
  const known = { ISSUER: `http://localhost:${port}`, LISTEN: `127.0.0.1:${port}` };
  const exports = Object.entries({ ...known, ...settings }).map(
    ([name, value]) => `GATEHOUSE_${name}='${value}'`,
  );
  const without = 'MASTER_KEY_FILE' in settings ? 'unset GATEHOUSE_MASTER_KEY;' : '';
  const shell = `export ${exports.join(' ')}; ${without} exec ${who} "$@"`;
  const typed = [...words.filter(Boolean), 'doctor', '--json'];
  const ran = await runCommand(folder, `sqlite:${at('data/gatehouse.db')}`, typed, { shell });
  expect(ran.out).not.toContain('itself failed');
  const all: Finding[] = JSON.parse(ran.out);
  return (name: string) => all.find((finding) => finding.name === name);
}

it('with PostgreSQL no disk of this machine is looked at', async () => {
  const postgres = { DATABASE: `postgres://g:p@127.0.0.1:${await freePort()}/g` };
  const disk = { status: 'PASS', evidence: expect.stringContaining('no files of its own') };
  expect((await doctor(postgres))('disk')).toMatchObject(disk);
  if (!isRoot) return;
  // As root types it at home, with the command of docs/how-to/production.md.
  mkdirSync(at('home'), { mode: 0o700 });
  writeFileSync(at('none.yaml'), '');
  const home = { who: AS_USER, folder: at('home'), words: ['--config', at('none.yaml')] };
  expect((await doctor(postgres, home))('disk')).toMatchObject(disk);
});

it.runIf(isRoot)(
  'a secret that its reader can read only because everybody can is given to them',
  async () => {
    const [key, settings] = [at('own.key'), at('own.yaml')];
    writeFileSync(key, 'k'.repeat(44));
    writeFileSync(settings, `database: postgres://g:secret@127.0.0.1:${await freePort()}/g\n`);
    for (const file of [key, settings]) chmodSync(file, 0o644);
    const asked = { who: `env -u GATEHOUSE_DATABASE ${AS_USER}`, words: ['--config', settings] };
    const open = (await doctor({ MASTER_KEY_FILE: key }, asked))('secret files');
    expect(open).toMatchObject({
      status: 'FAIL',
      fix: `as root: chown ${USER}: ${settings} ${key} && chmod 0400 ${settings} ${key}`,
    });
    expect(
      (await runCommand(directory, '', [], { shell: open?.fix.replace('as root: ', '') ?? '' })).code,
    ).toBe(0);
    expect((await doctor({ MASTER_KEY_FILE: key }, asked))('secret files')?.status).toBe('PASS');
    chmodSync(key, 0o444);
    expect((await doctor({ MASTER_KEY_FILE: key }, asked))('secret files')?.fix).toBe(`chmod o= ${key}`);
  },
);

it.runIf(isRoot)('asked by root, it means the user to whom the data belongs', async () => {
  const key = at('root.key');
  writeFileSync(key, 'k'.repeat(44));
  chmodSync(key, 0o644);
  mkdirSync(at('data'), { mode: 0o700 });
  chownSync(at('data'), 12_345, 12_346);
  expect((await doctor({ MASTER_KEY_FILE: key }))('secret files')?.fix).toBe(
    `as root: chown 12345:12346 ${key} && chmod 0400 ${key}`,
  );
});

it.runIf(isRoot)(
  'a settings file of somebody else is named with whose it is, and that it may be given',
  async () => {
    const settings = at('shut.yaml');
    writeFileSync(settings, 'issuer: https://id.example.com\n', { mode: 0o640 });
    const { err } = await runCommand(directory, '', ['--config', settings, 'user', 'list'], {
      shell: `exec ${AS_USER} "$@"`,
    });
    expect(err).toBe(
      `${settings} cannot be read (EACCES): it belongs to root (mode 0640), and this runs as ${USER}; ` +
        'run this as a user who may read it, or give it to this one\n',
    );
  },
);

async function pair(name: string): Promise<{ TLS_CERT: string; TLS_KEY: string }> {
  const { cert, private: secret } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
  });
  writeFileSync(at(`${name}.pem`), cert);
  writeFileSync(at(`${name}.key`), secret, { mode: 0o600 });
  return { TLS_CERT: at(`${name}.pem`), TLS_KEY: at(`${name}.key`) };
}

it('the files of TLS are looked at as a start does', async () => {
  const ISSUER = `https://localhost:${await freePort()}`;
  const [one, other] = [await pair('one'), await pair('other')];
  const crossed = { ISSUER, TLS_CERT: one.TLS_CERT, TLS_KEY: other.TLS_KEY };
  const sentence = expect.stringContaining('are not a certificate and its key');
  expect((await doctor(crossed))('certificate')).toMatchObject({ status: 'FAIL', evidence: sentence });
  const swapped = { ISSUER, TLS_CERT: one.TLS_KEY, TLS_KEY: one.TLS_KEY };
  expect((await doctor(swapped))('certificate')).toMatchObject({ status: 'FAIL', evidence: sentence });
  if (!isRoot) return;
  const ofRoot = await doctor({ ISSUER, ...one }, { who: AS_USER });
  expect(ofRoot('certificate')?.evidence).toContain('it belongs to root (mode 0600)');
  expect(ofRoot('secret files')).toMatchObject({
    status: 'FAIL',
    evidence: expect.stringContaining(`${one.TLS_KEY} cannot be read (EACCES)`),
    fix: `as root: chown ${USER}: ${one.TLS_KEY} && chmod 0400 ${one.TLS_KEY}`,
  });
});

it.runIf(isRoot)(
  'a database file of somebody else is named with whose it is, and not its folder',
  async () => {
    mkdirSync(at('theirs'), { mode: 0o755 });
    const database = `sqlite:${at('theirs/g.db')}`;
    await runCommand(directory, database, ['database', 'migrate']);
    chmodSync(at('theirs/g.db'), 0o600);
    const { code, err } = await runCommand(directory, database, ['user', 'list'], {
      shell: `export GATEHOUSE_ISSUER=http://localhost:4999; cd ${at('theirs')}; exec ${AS_USER} "$@"`,
    });
    expect([code, err]).toEqual([
      1,
      `${at('theirs/g.db')} cannot be opened: it belongs to root (mode 0600), and this runs as ${USER}; ` +
        'run this as that user, or give it to this one (chown)\n',
    ]);
  },
);
