import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { program } from '../support/program.ts';
import { createUserAgent } from '../support/user-agent.ts';

const PASSWORD = 'correct horse battery staple';

let directory: string;
let environment: Record<string, string>;
let issuer: string;
const everything: string[] = [];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-cli-'));
  const port = await freePort();
  issuer = `http://localhost:${port}`;
  environment = { GATEHOUSE_ISSUER: issuer, GATEHOUSE_LISTEN: `127.0.0.1:${port}` };
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

interface Running {
  readonly ended: Promise<Ran>;
  /** Resolves when the text was printed on either stream. */
  printed(text: string): Promise<string>;
  stop(): void;
}

function start(words: readonly string[], input?: string, more: Record<string, string> = {}): Running {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [program, ...words], {
    cwd: directory,
    env: { PATH, HOME, ...environment, ...more },
  });
  let out = '';
  let err = '';
  const waiting: { text: string; resolve: (all: string) => void }[] = [];
  const look = () => {
    for (const one of waiting) if ((out + err).includes(one.text)) one.resolve(out + err);
  };
  child.stdout.on('data', (chunk) => {
    out += chunk;
    look();
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
    look();
  });
  child.stdin.end(input ?? '');
  const ended = new Promise<Ran>((resolve) => {
    child.on('close', (code) => {
      everything.push(out, err);
      resolve({ code, out, err });
    });
  });
  return {
    ended,
    printed: (text) => {
      const promise = new Promise<string>((resolve) => waiting.push({ text, resolve }));
      look();
      return promise;
    },
    stop: () => child.kill('SIGTERM'),
  };
}

const run = (words: readonly string[], input?: string, more?: Record<string, string>) =>
  start(words, input, more).ended;

async function json(words: readonly string[], input?: string) {
  const { code, out, err } = await run([...words, '--json'], input);
  expect(code, err).toBe(0);
  return JSON.parse(out);
}

describe.sequential('a new operator', () => {
  let client_id: string;
  let client_secret: string;
  let server: Running;

  it('serves on the first run, prints at most 15 lines with what to do, and makes its files private', async () => {
    server = start(['serve']);
    const greeting = await server.printed('and then the tokens.');
    expect(greeting.split('{"level"')[0]?.trim().split('\n').length).toBeLessThanOrEqual(15);
    expect(greeting).toContain(`${issuer}/.well-known/openid-configuration`);
    expect(greeting).toContain('gatehouse login code');
    expect(statSync(join(directory, 'data')).mode & 0o777).toBe(0o700);
    for (const file of ['gatehouse.db', 'master.key']) {
      expect(statSync(join(directory, 'data', file)).mode & 0o777).toBe(0o600);
    }
  });

  it('a second server on the same file is refused with what to do', async () => {
    const { code, err } = await run(['serve']);
    expect(code).toBe(1);
    expect(err).toContain('another Gatehouse server already uses');
  });

  it('creates a user while the server runs, with the password from standard input', async () => {
    const user = await json(
      ['user', 'create', '--username', 'alice', '--email', 'alice@example.com', '--password-stdin'],
      `${PASSWORD}\n`,
    );
    expect(user).toMatchObject({ username: 'alice', email: 'alice@example.com' });
    expect(user.sub).toBeTypeOf('string');
    const again = await run(['user', 'create', '--username', 'ALICE']);
    expect([again.code, again.out]).toEqual([4, '']);
  });

  it('takes claims from standard input and refuses unknown ones with the nearest name', async () => {
    const claims = JSON.stringify({ name: 'Bob', address: { country: 'Austria' }, updated_at: 1 });
    expect((await json(['user', 'create', '--username', 'bob', '--claims', '-'], claims)).claims.name).toBe(
      'Bob',
    );
    const wrong = await run(['user', 'create', '--username', 'carl', '--claims', '-'], '{"given_nam":"x"}');
    expect(wrong.code).toBe(1);
    expect(wrong.err).toContain('did you mean given_name?');
    expect((await run(['user', 'create', '--username', 'carl', '--claims', '-'], '{"sub":"x"}')).code).toBe(
      1,
    );
  });

  it('creates a client and prints the RFC 7591 response, the secret once', async () => {
    const created = await json([
      'client',
      'create',
      '--name',
      'Svc',
      '--grant-type',
      'client_credentials',
      '--scope',
      'read',
    ]);
    ({ client_id, client_secret } = created);
    expect(created).toMatchObject({
      client_name: 'Svc',
      grant_types: ['client_credentials'],
      scope: 'read',
      client_secret_expires_at: 0,
    });
    expect(created.client_id_issued_at).toBeTypeOf('number');
    expect(await json(['client', 'get', client_id])).not.toHaveProperty('client_secret');
    expect(await json(['client', 'list'])).toHaveLength(1);
  });

  it('creates a client from a metadata file, with chosen client_id and client_secret', async () => {
    const file = join(directory, 'client.json');
    const chosen = { client_id: 'chosen', client_secret: 's'.repeat(40), profile: 'oidc' };
    writeFileSync(
      file,
      JSON.stringify({ client_name: 'Web', redirect_uris: ['https://web.test/cb'], ...chosen }),
    );
    expect(await json(['client', 'create', '--metadata', file])).toMatchObject({
      ...chosen,
      id_token_signed_response_alg: 'RS256',
    });
    expect((await run(['client', 'create', '--metadata', file])).code).toBe(4);
  });

  it('login client-credentials prints the token decoded', async () => {
    const words = ['login', 'client-credentials', '--client-id', client_id, '--client-secret-stdin'];
    const answer = await json(words, client_secret);
    expect(answer.access_token_decoded.claims).toMatchObject({ sub: client_id, scope: 'read', iss: issuer });
    const introspected = await json(['token', 'introspect'], answer.access_token);
    expect(introspected).toMatchObject({ active: true, client_id });
    expect(await json(['token', 'revoke'], answer.access_token)).toMatchObject({ revoked: true });
    expect(await json(['token', 'introspect'], answer.access_token)).toEqual({ active: false });
  });

  it('login code signs in through a browser and a loopback redirect', async () => {
    const words = [
      'client',
      'create',
      '--name',
      'First app',
      '--type',
      'public',
      '--native',
      '--redirect-uri',
      'http://127.0.0.1/callback',
    ];
    const native = await json(words);
    const login = start([
      'login',
      'code',
      '--client-id',
      native.client_id,
      '--scope',
      'openid email',
      '--json',
    ]);
    const printed = await login.printed('code_challenge_method=S256');
    const url = /http:\/\/localhost\S+/.exec(printed)?.[0] ?? '';
    const agent = createUserAgent(issuer);
    const consent = await agent.submit(await agent.open(url), { username: 'alice', password: PASSWORD });
    const answered = await agent.submit(consent, { decision: 'allow' });
    await fetch(answered.location ?? '');
    const { code, out } = await login.ended;
    expect(code).toBe(0);
    expect(JSON.parse(out).id_token_decoded.claims.aud).toBe(native.client_id);
    expect(await json(['grant', 'list', '--user', 'alice'])).toHaveLength(1);
    expect(await json(['session', 'list', '--user', 'alice'])).toHaveLength(1);
    expect(await json(['session', 'revoke', '--user', 'alice'])).toMatchObject({ ended: 1 });
    expect(await json(['grant', 'revoke', '--user', 'alice', '--client', native.client_id])).toMatchObject({
      revoked: 1,
    });
  });

  it('updates, rotates, disables, enables and deletes a client, and the server knows at once', async () => {
    expect(await json(['client', 'update', client_id, '--scope', 'read write'])).toMatchObject({
      scope: 'read write',
    });
    const update = ['client', 'update', client_id, '--metadata', '-'];
    expect(await json(update, '{"contacts": ["a@example.com"], "default_max_age": 60}')).toMatchObject({
      contacts: ['a@example.com'],
    });
    const without = await json(update, '{"default_max_age": null}');
    expect([without.contacts, without.default_max_age]).toEqual([['a@example.com'], undefined]);
    const rotated = await json(['client', 'rotate-secret', client_id, '--keep-old-seconds', '0']);
    const words = ['login', 'client-credentials', '--client-id', client_id, '--client-secret-stdin'];
    expect((await run(words, client_secret)).code).toBe(1);
    expect((await run(words, rotated.client_secret)).code).toBe(0);
    expect(await json(['client', 'disable', client_id])).toMatchObject({ disabled: true });
    expect((await run(words, rotated.client_secret)).err).toContain('invalid_client');
    expect(await json(['client', 'enable', client_id])).toMatchObject({ disabled: false });
    expect((await run(words, rotated.client_secret)).code).toBe(0);
    expect(await json(['client', 'delete', client_id])).toMatchObject({ deleted: true });
    expect((await run(['client', 'get', client_id])).code).toBe(3);
  });

  it('a person or a client that is not there is an error, never an empty answer', async () => {
    for (const words of [
      ['grant', 'list', '--user', 'alcie'],
      ['session', 'list', '--user', 'alcie'],
      ['session', 'revoke', '--user', 'alcie'],
      ['grant', 'revoke', '--user', 'alcie', '--client', 'x'],
    ]) {
      const { code, err } = await run(words);
      expect([words.join(' '), code, err.trim()]).toEqual([
        words.join(' '),
        3,
        expect.stringContaining('there is no user alcie'),
      ]);
    }
    const { code, err } = await run(['grant', 'revoke', '--user', 'alice', '--client', 'nobody']);
    expect([code, err]).toEqual([3, expect.stringContaining('there is no client nobody')]);
  });

  it('JSON that is given in place of a file name is refused with where to give it', async () => {
    const { code, err } = await run(['client', 'create', '--metadata', '{"client_name": "x"}']);
    expect([code, err]).toEqual([
      2,
      expect.stringMatching(/cannot be read: ENOENT.*goes into a file, or into "-"/),
    ]);
  });

  it('exit codes and nearest words: 2 for usage, 3 for not found', async () => {
    const wrong = await run(['client', 'crate']);
    expect([wrong.code, wrong.err.includes('Did you mean create?')]).toEqual([2, true]);
    const flag = await run(['client', 'create', '--nam', 'x']);
    expect([flag.code, flag.err.includes('Did you mean --name?')]).toEqual([2, true]);
    expect((await run(['user', 'get', 'nobody'])).code).toBe(3);
    expect((await run(['client', 'create', '--name', 'x', '--redirect-uri', 'http://evil.test/'])).code).toBe(
      1,
    );
    const unknown = await run(['client', 'list'], '', { GATEHOUSE_ISUER: 'x' });
    expect([unknown.code, unknown.err.includes('did you mean GATEHOUSE_ISSUER?')]).toEqual([1, true]);
    const nowhere = { GATEHOUSE_DATABASE: 'sqlite:/proc/nowhere/x.db' };
    const unmade = await run(['group', 'create', 'staff'], '', nowhere);
    expect([unmade.code, unmade.err]).toEqual([
      1,
      expect.stringContaining('the folder /proc/nowhere cannot be made'),
    ]);
    expect((await run(['client', 'list'], '', nowhere)).code).toBe(3);
    expect((await run(['--help'])).code).toBe(0);
  });

  it('audit-event list finds what happened to a person, newest first', async () => {
    const list = async (...words: string[]) =>
      JSON.parse((await run(['audit-event', 'list', '--json', ...words])).out) as {
        at: string;
        type: string;
      }[];
    const events = await list('--user', 'alice');
    const types = events.map(({ type }) => type);
    expect(types).toEqual(expect.arrayContaining(['token.issued', 'login.succeeded', 'user.created']));
    expect(types.at(-1)).toBe('user.created');
    const times = events.map(({ at }) => at);
    expect(times).toEqual([...times].sort().reverse());
    expect((await list('--type', 'user.created')).map(({ type }) => type)).not.toContain('login.succeeded');
    expect(await list('--since', '2099-01-01')).toEqual([]);
    expect(await list('--limit', '2')).toHaveLength(2);
    expect((await run(['audit-event', 'list', '--type', 'nonsense'])).code).toBe(2);
    // Half of the world means 12 November, and a reader of its own takes it for 11 December.
    for (const since of ['yesterday', '12.11.2026', '11/12/2026', '2026-13-01', '20261112'])
      expect((await run(['audit-event', 'list', '--since', since])).code).toBe(2);
  });

  it('keys, database and doctor answer', async () => {
    expect(await json(['keys', 'list'])).toHaveLength(2);
    expect(await json(['keys', 'rotate'])).toHaveLength(4);
    const signed = { client_name: 'Signed', redirect_uris: ['https://signed.example.com/cb'] };
    const metadata = JSON.stringify({ ...signed, id_token_signed_response_alg: 'EdDSA' });
    const { client_id } = await json(['client', 'create', '--metadata', '-'], metadata);
    expect(
      (await json(['keys', 'list'])).map(({ alg, state }: { alg: string; state: string }) => [alg, state]),
    ).toContainEqual(['EdDSA', 'current']);
    const keysOf = async () =>
      ((await json(['doctor'])) as { name: string; evidence: string }[]).find(({ name }) => name === 'keys');
    expect((await keysOf())?.evidence).toContain('5 keys published, EdDSA for 1 client;');
    await json(['client', 'delete', client_id]);
    expect((await keysOf())?.evidence).toContain('5 keys published, EdDSA until its last token has expired;');
    expect(await json(['database', 'migrate', '--dry-run'])).toEqual({ pending: [] });
    expect((await json(['database', 'check'])).findings).toEqual([]);
    const findings = (await json(['doctor'])) as { status: string; name: string }[];
    expect(findings.filter((finding) => finding.status !== 'PASS')).toEqual([]);
    expect(findings.map((finding) => finding.name)).toContain('issuer');
    expect((await run(['health'])).code).toBe(0);
  });

  it('stops on SIGTERM with exit code 0, and doctor then reports that nothing listens', async () => {
    server.stop();
    expect((await server.ended).code).toBe(0);
    const { code, out } = await run(['doctor', '--json']);
    expect(code).toBe(1);
    const issuerFinding = JSON.parse(out).find((finding: { name: string }) => finding.name === 'issuer');
    expect(issuerFinding.status).toBe('FAIL');
    expect(issuerFinding.fix).toContain('gatehouse serve');
  });

  it('a backup is written to a file or to standard output, is restored, and another master key is detected', async () => {
    const backup = join(directory, 'backup.db');
    expect((await json(['database', 'backup', backup])).bytes).toBeGreaterThan(4096);
    expect((await run(['database', 'backup', backup])).err).toContain('there already');
    const piped = await run(['database', 'backup', '-']);
    expect([piped.code, piped.out.startsWith('SQLite format 3'), piped.err]).toEqual([0, true, '']);
    const restored = await run(['database', 'restore', backup, '--json']);
    expect(JSON.parse(restored.out)).toMatchObject({ restored: backup, ended: { codes: 0 } });
    expect(restored.err).toContain('people sign in again');
    const broughtBack = await run(['database', 'restore', backup, '--bring-back', '--json']);
    expect(JSON.parse(broughtBack.out)).toMatchObject({
      not_carried: 'brought_back',
      why_not_carried: expect.stringContaining('--bring-back'),
    });
    expect((await run(['database', 'restore', backup, '--bring-back'])).err).toContain('Nothing was carried');
    expect((await run(['database', 'restore', 'nothing.db'])).code).toBe(3);
    expect((await json(['user', 'list'])).length).toBeGreaterThan(0);
    const to = `sqlite:${join(directory, 'copy.db')}`;
    const from = `sqlite:${join(directory, 'data', 'gatehouse.db')}`;
    expect((await json(['database', 'copy', '--from', from, '--to', to])).copied.keys).toBeGreaterThan(0);
    const other = await run(['database', 'check', '--json'], '', { GATEHOUSE_MASTER_KEY: 'o'.repeat(44) });
    expect([other.code, JSON.parse(other.out).findings[0]]).toEqual([
      1,
      expect.stringContaining('does not open'),
    ]);
  });

  it('an unsafe setting prevents the start, and the error names the line to write', async () => {
    const { code, err } = await run(['serve'], '', { GATEHOUSE_ISSUER: 'http://id.example.com' });
    expect(code).toBe(1);
    expect(err).toContain('issuer: https://id.example.com');
    expect(err).toContain('GATEHOUSE_MASTER_KEY_FILE=');
  });

  it('reads settings from YAML and secrets from files, and the environment wins', async () => {
    const key = join(directory, 'key');
    writeFileSync(key, 'k'.repeat(44));
    const config = join(directory, 'other.yaml');
    writeFileSync(
      config,
      'issuer: http://localhost:1\ndatabase: sqlite:other/x.db\naccess_token_seconds: 60\n',
    );
    const more = { GATEHOUSE_MASTER_KEY_FILE: key, GATEHOUSE_ISSUER: 'http://localhost:2' };
    expect((await run(['--config', config, 'keys', 'rotate'], '', more)).code).toBe(0);
    expect(statSync(join(directory, 'other')).mode & 0o777).toBe(0o700);
    writeFileSync(config, 'isuer: x\n');
    const wrong = await run(['--config', config, 'keys', 'list']);
    expect(wrong.err).toContain('did you mean issuer?');
  });

  it('G14 no secret that went in was printed again or is in the database', () => {
    const printed = everything.join('\n');
    expect(printed).not.toContain(PASSWORD);
    const stored = readFileSync(join(directory, 'data', 'gatehouse.db'), 'latin1');
    for (const secret of [PASSWORD, client_secret, 's'.repeat(40)])
      expect(stored.includes(secret)).toBe(false);
  });
});
