/** gatehouse doctor at 3 a.m.: each thing that operators trip over, with what was seen and what to do. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../support/command.ts';
import { freePort } from '../support/free-port.ts';
import { startServer, type TestServer } from '../support/server.ts';

const DAY_MS = 86_400_000;

let server: TestServer;
let directory: string;
let database: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-doctor-'));
  database = join(directory, 'gatehouse.db');
  server = await startServer({
    path: '/tenant',
    environment: { GATEHOUSE_DATABASE: `sqlite:${database}`, GATEHOUSE_MASTER_KEY: 'k'.repeat(44) },
  });
});
afterAll(async () => {
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
});

interface Finding {
  readonly name: string;
  readonly status: string;
  readonly evidence: string;
  readonly fix: string;
}

interface Examined {
  readonly code: number | null;
  of(name: string): Finding;
  readonly all: readonly Finding[];
}

/** `settings` are GATEHOUSE_… variables, over those of the server. */
async function doctor(settings: Record<string, string> = {}, words: string[] = []): Promise<Examined> {
  const { issuer } = server;
  const known = { ISSUER: issuer, LISTEN: new URL(issuer).host.replace('localhost', '127.0.0.1') };
  const exports = Object.entries({ ...known, ...settings }).map(
    ([name, value]) => `GATEHOUSE_${name}='${value}'`,
  );
  const without = 'MASTER_KEY_FILE' in settings ? 'unset GATEHOUSE_MASTER_KEY;' : '';
  const shell = `export ${exports.join(' ')}; ${without} exec "$@"`;
  const ran = await runCommand(directory, `sqlite:${database}`, [...words, 'doctor', '--json'], { shell });
  const all: Finding[] = JSON.parse(ran.out);
  expect(JSON.stringify(all)).not.toMatch(/TypeError|undefined|itself failed|\bNaN\b/);
  const of = (name: string) => all.find((finding) => finding.name === name) as Finding;
  return { code: ran.code, all, of };
}

it('finds nothing where all is well', async () => {
  const { code, all } = await doctor();
  expect(all.filter(({ status }) => status !== 'PASS')).toEqual([]);
  expect(code).toBe(0);
});

it('a file with the master key, or the key of TLS, that everybody may read', async () => {
  const key = join(directory, 'key');
  writeFileSync(key, 'k'.repeat(44));
  const config = join(directory, 'own.yaml');
  writeFileSync(config, `master_key: ${'k'.repeat(44)}\n`);
  for (const file of [key, config]) chmodSync(file, 0o644);
  const open = await doctor({ MASTER_KEY_FILE: key });
  expect([open.code, open.of('secret files')]).toMatchObject([
    1,
    { status: 'FAIL', evidence: expect.stringContaining(key), fix: `chmod o= ${key}` },
  ]);
  expect((await doctor({}, ['--config', config])).of('secret files').evidence).toContain('own.yaml');
  for (const file of [key, config]) chmodSync(file, 0o640);
  expect((await doctor({ MASTER_KEY_FILE: key })).of('secret files').status).toBe('PASS');
  expect((await doctor({}, ['--config', config])).of('secret files').status).toBe('PASS');
});

describe('a certificate', () => {
  const certificate = async (name: string, days: number, begins = -90) => {
    const notAfterDate = new Date(Date.now() + days * DAY_MS + 60_000);
    const notBeforeDate = new Date(Date.now() + begins * DAY_MS);
    const altNames = [{ type: 2 as const, value: 'localhost' }];
    const { cert, private: secret } = await generate([{ name: 'commonName', value: 'localhost' }], {
      keyType: 'ec',
      algorithm: 'sha256',
      notBeforeDate,
      notAfterDate,
      extensions: [{ name: 'subjectAltName', altNames }],
    });
    const [certFile, keyFile] = [join(directory, `${name}.pem`), join(directory, `${name}.key`)];
    writeFileSync(certFile, cert);
    writeFileSync(keyFile, secret, { mode: 0o600 });
    return { cert, key: secret, certFile, keyFile };
  };

  it.each([
    ['that ends in 20 days', 20, 'PASS', /ends on .*, in 20 days/],
    ['that ends in 13 days', 13, 'WARN', /ends on .*, in 13 days/],
    ['that ended', -2, 'FAIL', /ended on .* the clock of this machine says/],
    ['that begins in 30 days', 60, 'FAIL', /begins on .* the clock of this machine says/, 30],
  ])('%s, of a proxy', async (_what, days, status, evidence, begins = -90) => {
    const { cert, key, certFile } = await certificate('proxy', days, begins);
    const port = await freePort();
    const proxy = createTlsServer({ cert, key }, (_request, response) => response.end('{}'));
    await new Promise<void>((resolve) => proxy.listen(port, '127.0.0.1', resolve));
    const seen = (await doctor({ ISSUER: `https://localhost:${port}`, OUTBOUND_CA: certFile })).of(
      'certificate',
    );
    proxy.close();
    expect(seen).toMatchObject({ status, evidence: expect.stringMatching(evidence) });
  });

  it('that was renewed in its file, while the server still uses the old one', async () => {
    const old = await certificate('old', 5);
    const renewed = await certificate('new', 90);
    const port = await freePort();
    const running = createTlsServer({ cert: old.cert, key: old.key }, (_request, response) =>
      response.end('{}'),
    );
    await new Promise<void>((resolve) => running.listen(port, '127.0.0.1', resolve));
    const settings = { ISSUER: `https://localhost:${port}`, LISTEN: `127.0.0.1:${port}` };
    const tls = { TLS_CERT: renewed.certFile, TLS_KEY: renewed.keyFile };
    const seen = (await doctor({ ...settings, ...tls })).of('certificate');
    running.close();
    expect(seen).toMatchObject({ status: 'WARN', evidence: expect.stringContaining('still serves') });
    const soon = { TLS_CERT: old.certFile, TLS_KEY: old.keyFile };
    expect((await doctor({ ...settings, ...soon })).of('certificate').evidence).toContain('old.pem');
  });
});

it('a database that another program locks, and who that is', async () => {
  const lock = new SqliteDatabase(database);
  lock.exec('BEGIN IMMEDIATE');
  const written = (await doctor()).of('database');
  lock.close();
  expect(written.status).toBe('FAIL');
  expect(written.evidence).toContain('locked: another program holds it');
  if (process.platform === 'linux') expect(written.evidence).toContain(`process ${process.pid})`);
});

it('a database that cannot be opened; the checks that need none still run', async () => {
  const own = join(directory, 'held.db');
  await runCommand(directory, `sqlite:${own}`, ['database', 'migrate']);
  const lock = new SqliteDatabase(own);
  lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE held (id TEXT); COMMIT');
  const { code, of } = await doctor({ DATABASE: `sqlite:${own}` });
  lock.close();
  expect(of('database')).toMatchObject({ status: 'FAIL', evidence: expect.stringContaining('locked') });
  expect([code, of('issuer').status, of('disk').status, of('keys').status]).toEqual([
    1,
    'PASS',
    'PASS',
    'WARN',
  ]);
});

it('no database, and settings that cannot be read', async () => {
  const none = await doctor({ DATABASE: `sqlite:${join(directory, 'none', 'x.db')}` });
  expect([none.code, none.of('database')]).toMatchObject([
    1,
    { status: 'FAIL', evidence: expect.stringContaining('there is no database') },
  ]);
  expect(none.of('issuer').status).toBe('PASS');
  const unread = await doctor({ CODE_SECONDS: '1000' });
  expect([unread.code, unread.all]).toMatchObject([1, [{ name: 'settings', status: 'FAIL' }]]);
});

const tmpfs = mkdtempSync(join(tmpdir(), 'gatehouse-full-'));
const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', tmpfs]).status === 0;
afterAll(() => {
  if (isMounted) execFileSync('umount', ['-l', tmpfs]);
  rmSync(tmpfs, { recursive: true, force: true });
});

it.runIf(isMounted)(
  'a full disk, from which it still runs, and what every other command says there',
  async () => {
    mkdirSync(join(tmpfs, 'data'), { mode: 0o700 });
    const full = `sqlite:${join(tmpfs, 'data', 'gatehouse.db')}`;
    expect((await runCommand(directory, full, ['user', 'create', '--username', 'alice'])).code).toBe(0);
    const { bavail, bsize } = statfsSync(tmpfs);
    writeFileSync(join(tmpfs, 'ballast'), Buffer.alloc(bavail * bsize));
    const { code, of } = await doctor({ DATABASE: full });
    expect([code, of('disk')]).toMatchObject([
      1,
      { status: 'FAIL', evidence: `0 MiB free in ${join(tmpfs, 'data')}` },
    ]);
    expect(of('database')).toMatchObject({ status: 'FAIL', fix: expect.stringContaining('make room') });
    const words = ['user', 'create', '--username', 'bob'];
    const { code: refused, err } = await runCommand(directory, full, words);
    expect([refused, err]).toEqual([1, expect.stringMatching(/full/)]);
    expect(err).not.toContain('unexpected');
  },
);

it('keys that all begin later: the clock is behind, and rotating would make it worse', async () => {
  const own = join(directory, 'behind.db');
  await runCommand(directory, `sqlite:${own}`, ['keys', 'rotate', '--now']);
  const connection = new SqliteDatabase(own);
  connection.exec(
    `UPDATE keys SET created_at = created_at + ${3 * DAY_MS}, activates_at = activates_at + ${3 * DAY_MS}`,
  );
  connection.close();
  const behind = (await doctor({ DATABASE: `sqlite:${own}` })).of('keys');
  expect(behind).toMatchObject({
    status: 'FAIL',
    evidence: expect.stringMatching(
      /^this machine's clock is behind: here it is .*Z, and the first key for .* begins at/,
    ),
    fix: 'set the clock (chrony), and rotate no key before',
  });
});

describe('the way to the server', () => {
  /** What doctor says of something that answers everything alike. */
  async function ofAnswer(text: string): Promise<Examined> {
    const port = await freePort();
    const other = createServer((_request, response) => response.end(text));
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
    const seen = await doctor({ ISSUER: `http://localhost:${port}` });
    other.close();
    return seen;
  }

  it.each([
    ['null', 'the whole must be names with values'],
    ['{}', 'in which'],
    ['', 'answers no JSON, but nothing'],
    ['<!doctype html><title>Welcome to nginx!</title>', 'answers no JSON, but <!doctype html>'],
    ['{"issuer":7,"keys":7}', 'must be'],
    ['[[1,2],{}]', 'the whole must be names with values'],
    ['{"issuer":"https://evil.test","keys":[null]}', ''],
  ])('that answers %s', async (text, sentence) => {
    const { code, of } = await ofAnswer(text);
    expect(code).toBe(1);
    for (const name of ['issuer', 'jwks'])
      expect(of(name)).toMatchObject({ status: 'FAIL', evidence: expect.stringContaining(sentence) });
    expect(of('clock').status).toBe('PASS');
  });

  it('whose clock is another, whatever a proxy between writes into Date', async () => {
    const { of } = await ofAnswer('{"status":"live","time":"2020-01-01T00:00:00.000Z"}');
    expect(of('clock')).toMatchObject({
      status: 'WARN',
      evidence: expect.stringContaining('s away from this machine'),
    });
  });

  it('that removes the path of the issuer', async () => {
    const port = await freePort();
    const GATEHOUSE_ISSUER = `http://localhost:${port}/tenant`;
    const behind = await startServer({ environment: { GATEHOUSE_ISSUER } });
    const { port: own } = new URL(behind.issuer);
    const stripping = createServer((incoming, response) => {
      const path = incoming.url?.replace('/tenant', '') ?? '';
      const options = { port: own, host: '127.0.0.1', path };
      incoming.pipe(
        request(options, (back) => back.pipe(response.writeHead(back.statusCode ?? 0, back.headers))),
      );
    });
    await new Promise<void>((resolve) => stripping.listen(port, '127.0.0.1', resolve));
    const { of } = await doctor({ ISSUER: GATEHOUSE_ISSUER });
    stripping.close();
    await behind.stop();
    expect(of('issuer')).toMatchObject({
      status: 'FAIL',
      evidence: expect.stringContaining('the proxy takes the path /tenant away'),
      fix: expect.stringContaining('proxy_pass'),
    });
    expect(of('well-known').status).toBe('WARN');
  });

  it('where nothing listens, while the server answers on this machine, or not either', async () => {
    const port = await freePort();
    const nowhere = `http://localhost:${port}/tenant`;
    const running = await startServer({ environment: { GATEHOUSE_ISSUER: nowhere } });
    const { of } = await doctor({ ISSUER: nowhere, LISTEN: `127.0.0.1:${new URL(running.issuer).port}` });
    await running.stop();
    expect(of('issuer')).toMatchObject({
      status: 'FAIL',
      evidence: expect.stringContaining('nothing listens there (ECONNREFUSED)'),
      fix: expect.stringContaining('mend the way to it'),
    });
    const dead = await doctor({ ISSUER: nowhere, LISTEN: `127.0.0.1:${port}` });
    expect(dead.of('issuer').fix).toContain('gatehouse serve');
  });

  it.each<[string, (issuer: string) => string]>([
    ['another path', (issuer) => issuer.replace('/tenant', '/auth')],
    ['no path', (issuer) => issuer.replace('/tenant', '')],
    ['another host', (issuer) => issuer.replace('localhost', '127.0.0.1')],
    ['a host that is not in the DNS yet', () => 'https://new.gatehouse.invalid/tenant'],
  ])('an issuer that was changed to %s, while the server runs on with the former', async (_what, changed) => {
    const { of } = await doctor({ ISSUER: changed(server.issuer) });
    expect(of('issuer')).toMatchObject({
      status: 'FAIL',
      evidence: expect.stringContaining(`this server still runs with issuer ${server.issuer}, so that `),
      fix: expect.stringContaining('restart it'),
    });
    for (const { fix } of [of('issuer'), of('well-known'), of('jwks')])
      expect(fix).not.toMatch(/DNS|proxy|another server/);
  });
});
