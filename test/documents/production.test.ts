/** docs/how-to/production.md as it stands, in a folder: its key, its settings, its unit, nginx in front, its command. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { readBlocks, root } from './blocks.ts';

const blocks = readBlocks('docs/how-to/production.md');
const has = (program: string) => spawnSync('which', [program]).status === 0;
const missing = ['nginx', 'openssl'].filter((program) => !has(program));
/** The server's user is that of the test; root can become itself again. */
const AS_SERVER = process.getuid?.() === 0 ? 'setpriv --reuid=root --regid=root --init-groups' : 'env';
/** What other documents have an operator type at this installation. */
const BACKUPS = /^gatehouse database (backup|restore) \/var\/backups\/.*$/gm;
if (missing.length > 0) console.warn(`docs/how-to/production.md is not run: no ${missing.join(', ')}`);

describe.skipIf(missing.length > 0)('docs/how-to/production.md', () => {
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-production-'));
  const at = (name: string) => join(directory, name);
  let issuer: string;
  let port: number;
  let listen: number;
  let server: ChildProcess;
  let nginx: ChildProcess;

  /** The paths, names and ports of the document, and those of this folder. */
  function here(text: string): string {
    return text
      .replaceAll('/var/lib/gatehouse', at('lib'))
      .replaceAll('/var/backups/gatehouse', at('backups'))
      .replaceAll('/etc/gatehouse', at('etc'))
      .replaceAll('/etc/ssl/id.example.com', at('tls'))
      .replaceAll('/opt/gatehouse', root.replace(/\/$/, ''))
      .replaceAll('/usr/bin/node', process.execPath)
      .replaceAll('https://id.example.com', issuer)
      .replaceAll('id.example.com', 'localhost')
      .replaceAll('127.0.0.1:4000', `127.0.0.1:${listen}`)
      .replaceAll('listen 443 ssl', `listen ${port} ssl`)
      .replace(/^metrics_listen.*$/m, '')
      .replace(/^id gatehouse.*$/m, '')
      .replaceAll(' -o gatehouse -g gatehouse', '')
      .replaceAll('setpriv --reuid=gatehouse --regid=gatehouse --init-groups', AS_SERVER);
  }
  const block = (language: string, begins = '') => {
    const found = blocks.find((one) => one.language === language && one.text.startsWith(begins));
    if (!found) throw new Error(`no block ${language} that begins with ${begins}`);
    return here(found.text);
  };
  const run = (
    program: string,
    words: readonly string[],
    more: { env?: NodeJS.ProcessEnv; cwd?: string } = {},
  ) => {
    const { status, stdout, stderr } = spawnSync(program, words, { encoding: 'utf8', ...more });
    return { status, said: stdout + stderr };
  };
  /** Typed by somebody whose folder is another one than the server's. */
  const type = (line: string) => {
    const env = { PATH: `${at('bin')}:${process.env.PATH}`, NODE_EXTRA_CA_CERTS: at('tls.pem') };
    return run('bash', ['-euo', 'pipefail', '-c', here(line)], { env, cwd: at('elsewhere') });
  };

  function certificate(): void {
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-days', '30'];
    const files = ['-keyout', at('tls.key'), '-out', at('tls.pem')];
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    expect(run('openssl', ['req', '-x509', ...key, ...subject, ...files]).status).toBe(0);
  }

  /** What nginx needs around the document's server. */
  function nginxConfiguration(): string {
    const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (name) => `${name}_temp_path ${at(name)};`,
    );
    const http = `http { access_log off; ${paths.join(' ')}\n${block('nginx', 'server')}\n}`;
    return `daemon off; pid ${at('nginx.pid')}; error_log ${at('nginx.log')}; events {}\n${http}`;
  }

  async function get(path: string): Promise<{ status: number | undefined; body: string }> {
    const agent = new Agent({ ca: readFileSync(at('tls.pem')) });
    const sent = request(`${issuer}${path}`, { agent }).end();
    const [response] = await once(sent, 'response');
    let body = '';
    for await (const chunk of response) body += chunk;
    agent.destroy();
    return { status: response.statusCode, body };
  }

  beforeAll(async () => {
    [port, listen] = [await freePort(), await freePort()];
    issuer = `https://localhost:${port}`;
    certificate();
    expect(run('bash', ['-euo', 'pipefail', '-c', block('sh', 'id gatehouse')])).toMatchObject({ status: 0 });
    writeFileSync(at('etc/gatehouse.yaml'), block('yaml'));
    const unit = new Map(
      block('ini')
        .split('\n')
        .map((line): [string, string] => [line.replace(/=.*/, ''), line.replace(/^[^=]*=/, '')]),
    );
    const [program = '', ...words] = (unit.get('ExecStart') ?? '').split(' ');
    const environment = Object.fromEntries(
      (unit.get('Environment') ?? '').split(' ').map((one) => one.split('=')),
    );
    server = spawn(program, words, { cwd: unit.get('WorkingDirectory'), env: environment });
    await Promise.race([
      once(server.stdout as NodeJS.ReadableStream, 'data'),
      once(server, 'exit').then(() => Promise.reject(new Error('the server could not start'))),
    ]);
    for (const folder of ['bin', 'elsewhere']) mkdirSync(at(folder));
    writeFileSync(at('bin/gatehouse'), block('sh', '#!/bin/sh'));
    chmodSync(at('bin/gatehouse'), 0o755);
    writeFileSync(at('nginx.conf'), nginxConfiguration());
    nginx = spawn('nginx', ['-c', at('nginx.conf')], { stdio: 'ignore' });
    await vi.waitFor(async () => expect((await get('/health/ready')).status).toBe(200), { timeout: 20_000 });
  }, 60_000);
  const end = async (child: ChildProcess) => {
    if (child.exitCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  };
  afterAll(async () => {
    for (const child of [nginx, server]) await end(child);
    rmSync(directory, { recursive: true, force: true });
  });

  it('the commands of the beginning, typed again, leave the master key as it is', () => {
    const key = readFileSync(at('etc/master.key'), 'utf8');
    expect(run('bash', ['-euo', 'pipefail', '-c', block('sh', 'id gatehouse')])).toMatchObject({ status: 0 });
    expect(readFileSync(at('etc/master.key'), 'utf8')).toBe(key);
  });

  it('the master key and the data are for the server’s user alone', () => {
    expect(statSync(at('etc/master.key')).mode & 0o777).toBe(0o400);
    expect(statSync(at('lib')).mode & 0o777).toBe(0o700);
    expect(statSync(at('lib/gatehouse.db')).mode & 0o777).toBe(0o600);
  });

  it('the unit is one that systemd takes', (context) => {
    if (!has('systemd-analyze')) return context.skip('no systemd-analyze');
    writeFileSync(at('gatehouse.service'), block('ini').replace('User=gatehouse', 'User=daemon'));
    expect(run('systemd-analyze', ['verify', '--man=no', at('gatehouse.service')])).toEqual({
      status: 0,
      said: '',
    });
  });

  it('nginx passes on what people and apps ask', async () => {
    const { issuer: told } = JSON.parse((await get('/.well-known/openid-configuration')).body);
    expect(told).toBe(issuer);
    expect((await get('/login')).body).toContain('name="password"');
    expect((await get(`/logout?id_token_hint=${'x'.repeat(30_000)}`)).status).toBeLessThan(500);
  });

  it('nginx passes on the longest addresses that an answer leads to', async () => {
    const app = type(
      'gatehouse client create --name Long --redirect-uri https://app.example.com/cb --if-absent --json',
    );
    const [, client_id = ''] = /"client_id": "([^"]+)"/.exec(app.said) ?? [];
    const state = 's'.repeat(4096);
    const asked = new URLSearchParams({
      client_id,
      redirect_uri: 'https://app.example.com/cb',
      response_type: 'token',
      state,
    });
    expect((await get(`/authorize?${asked}`)).status).toBe(303);
  });

  it('the command finds the same gatehouse, and doctor has nothing against it', () => {
    const { status, said } = type('gatehouse doctor');
    expect(said).not.toMatch(/^(?:FAIL|WARN)/m);
    expect(status).toBe(0);
  });

  it('a path of the issuer is passed on, and what is beside it', () => {
    const location = block('nginx', 'location /auth/');
    // nginx hands them on to a location that has none of its own.
    const [common = ''] = block('nginx', 'server').split('\n  location');
    expect(common).toContain('proxy_set_header X-Forwarded-For $remote_addr;');
    expect(location).not.toContain('proxy_set_header');
    mkdirSync(at('path'), { recursive: true });
    const inServer = `server { listen ${port}; ${location} }`;
    writeFileSync(at('path/nginx.conf'), `pid ${at('path/pid')}; events {} http { ${inServer} }`);
    expect(run('nginx', ['-t', '-c', at('path/nginx.conf')]).said).toContain('test is successful');
  });

  it('backups and restores of the other documents work here, typed in any folder', async () => {
    const texts = ['backup', 'upgrade', 'personal-data'].map((name) =>
      readBlocks(`docs/how-to/${name}.md`)
        .map(({ text }) => text)
        .join('\n'),
    );
    const lines = texts.flatMap((text) => [...text.matchAll(BACKUPS)]);
    const backups = lines.filter(([, verb]) => verb === 'backup').map(([line]) => line);
    const restores = lines.filter(([, verb]) => verb === 'restore').map(([line]) => line);
    expect([backups.length, restores.length]).toEqual([3, 2]);
    for (const line of [...backups, 'gatehouse database backup here.db'])
      expect(type(line)).toMatchObject({ status: 0 });
    expect(existsSync(at('elsewhere/here.db'))).toBe(true);
    await end(server);
    for (const line of [...restores, 'gatehouse database restore here.db'])
      expect(type(line)).toMatchObject({ status: 0 });
  });
});
