/** Notices by mail, from the event to a real mail server. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SMTPServerOptions } from 'smtp-server';
import { afterEach, expect, it } from 'vitest';
import { removeUser } from '../../src/identity/users/user-removal.ts';
import { updateUser } from '../../src/identity/users/users.ts';
import { backUp } from '../../src/storage/backup/back-up-to-sqlite-file.ts';
import { restore } from '../../src/storage/backup/restore.ts';
import { readMigrations } from '../../src/storage/migrate.ts';
import { listOutbox } from '../../src/storage/tables/outbox.ts';
import { auditEvents } from '../support/flow.ts';
import { freePort } from '../support/free-port.ts';
import { parseMail, startMailServer, type TestMailServer } from '../support/mail-server.ts';
import { PASSWORD, type ServerOptions, startServer, type TestServer } from '../support/server.ts';
import { createUserAgent } from '../support/user-agent.ts';
import { runVerb } from '../support/verb.ts';

const NEXT = 'another quiet lantern tonight';
/** Headers by which a proxy tells of another host: no link follows them. */
const FOREIGN = {
  'x-forwarded-host': 'evil.example',
  forwarded: 'host=evil.example',
  'x-forwarded-proto': 'http',
};
const HOUR_MS = 3_600_000;

let server: TestServer;
let mails: TestMailServer;
afterEach(async () => {
  await server?.stop();
  await mails?.stop();
});

async function start(options: SMTPServerOptions = {}, more: ServerOptions = {}): Promise<void> {
  mails = await startMailServer(options);
  const environment = { GATEHOUSE_SMTP_URL: mails.url, GATEHOUSE_MAIL_FROM: 'Example <id@example.com>' };
  server = await startServer({ ...more, environment: { ...environment, ...more.environment } });
}

const deliver = () => server.gatehouse.outbox.deliverDue();
const rows = () => listOutbox(server.gatehouse.db);
const subjects = () => mails.received.map((mail) => mail.header('subject'));

async function eventsOf(type: string) {
  await server.gatehouse.audit.flush();
  return (await auditEvents(server)).filter((event) => event.type === type);
}

/** Signs in and changes the password on its page, then leaves only the notice of the change. */
async function changePassword(username = 'alice', headers: Record<string, string> = {}): Promise<void> {
  const agent = createUserAgent(server.issuer, headers);
  const login = await agent.open(`${server.issuer}/account/password`);
  const page = await agent.submit(login, { username, password: PASSWORD });
  const fields = { current_password: PASSWORD, new_password: NEXT, new_password_again: NEXT };
  const changed = await agent.submit(page, fields);
  expect(changed.body).toContain('Your password was changed.');
}

/** Tells of the same event as {@link changePassword}, as often as a test needs. */
const tell = (sub: string) =>
  server.gatehouse.db.write((tx) => server.gatehouse.notices.tell(tx, sub, 'password_changed'));

it('L19 A064 a person who changes the password is told at the address of the account', async () => {
  await start();
  await server.user();
  const userAgent = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0';
  await changePassword('alice', { 'user-agent': userAgent, ...FOREIGN });
  await deliver();
  const mail = mails.received.find((one) => one.header('subject')?.startsWith('Your password was changed'));
  expect(mail).toMatchObject({ from: 'id@example.com', to: ['alice@example.com'] });
  expect(mail?.header('from')).toBe('Example <id@example.com>');
  expect(mail?.header('to')).toBe('alice@example.com');
  expect(mail?.header('auto-submitted')).toBe('auto-generated');
  expect(mail?.header('message-id')).toMatch(/^<[\w-]+@localhost>$/);
  for (const said of [mail?.text, mail?.html]) {
    expect(said).toContain('The password of your account was changed.');
    expect(said).toContain(`${server.issuer}/account`);
    expect(said).toContain('Firefox (Windows)');
    expect(said).toContain('127.0.0.1');
    expect(said).not.toContain('evil.example');
    expect(said).not.toContain(PASSWORD);
    expect(said).not.toContain(NEXT);
  }
  expect(Buffer.byteLength(mail?.raw ?? '')).toBeLessThan(16_384);
  expect(await rows()).toEqual([]);
  expect((await eventsOf('mail.delivered')).map(({ details }) => details?.notice)).toContain(
    'password_changed',
  );
});

it('a mail server that is away is tried again, and the person is told once', async () => {
  let refusals = 2;
  await start({
    onRcptTo: (_to, _session, done) =>
      refusals-- > 0 ? done(Object.assign(new Error('later'), { responseCode: 451 })) : done(),
  });
  const { sub } = await server.user();
  await tell(sub);
  await deliver();
  expect(await rows()).toMatchObject([
    { kind: 'mail', attempts: 1, last_error: 'the mail server answered 451 to RCPT TO', dead_at: null },
  ]);
  server.clock.advance(10_000);
  await deliver();
  server.clock.advance(60_000);
  await deliver();
  expect([subjects().length, await rows()]).toEqual([1, []]);
  expect(await eventsOf('mail.failed')).toHaveLength(2);
});

it('a mail server that is away for six hours still gets the notice, one that stays away does not', async () => {
  await start({
    onRcptTo: (_to, _session, done) => done(Object.assign(new Error('later'), { responseCode: 451 })),
  });
  const { sub } = await server.user();
  await tell(sub);
  for (let elapsedMs = 0; elapsedMs < 6 * HOUR_MS; elapsedMs += 600_000) {
    await deliver();
    server.clock.advance(600_000);
  }
  expect(await rows()).toMatchObject([{ dead_at: null }]);
  for (let attempt = 0; attempt < 5; attempt += 1) {
    await deliver();
    server.clock.advance(600_000);
  }
  expect(await rows()).toMatchObject([{ attempts: 40, dead_at: expect.any(Number) }]);
});

it('a recipient whom the mail server refuses for good is not tried again; no list shows the content', async () => {
  await start({
    onRcptTo: (_to, _session, done) => done(Object.assign(new Error('no'), { responseCode: 550 })),
  });
  const { sub } = await server.user();
  await tell(sub);
  await deliver();
  const [row] = await runVerb(server, 'outbox', 'list', {});
  expect(row).toMatchObject({
    kind: 'mail',
    sub,
    username: 'alice',
    notice: 'password_changed',
    attempts: 1,
  });
  expect(row.last_error).toBe('the mail server answered 550 to RCPT TO');
  expect(row.dead_at).not.toBeNull();
  expect(JSON.stringify(row)).not.toContain('example.com');
  server.clock.advance(24 * HOUR_MS);
  await deliver();
  expect(await rows()).toMatchObject([{ attempts: 1 }]);
  // Neither do the log and the audit log have the address.
  expect(JSON.stringify(await eventsOf('mail.failed'))).not.toContain('alice@');
  expect(server.lines.filter((line) => line.includes('alice@'))).toEqual([]);
});

it('L19 a mail bomb: three notices of a kind to one address in an hour, the others are dropped and counted', async () => {
  await start();
  const { sub } = await server.user();
  await Promise.all(Array.from({ length: 20 }, () => tell(sub)));
  await deliver();
  expect(subjects()).toHaveLength(3);
  expect(await eventsOf('mail.dropped')).toHaveLength(17);
  expect(server.lines.some((line) => line.includes('"dropped_in_this_hour":17'))).toBe(true);
  // Another kind is not hidden behind them.
  await server.gatehouse.db.write((tx) => server.gatehouse.notices.tell(tx, sub, 'user_disabled'));
  await deliver();
  expect(subjects()).toHaveLength(4);
  server.clock.advance(HOUR_MS);
  await tell(sub);
  await deliver();
  expect(subjects()).toHaveLength(5);
});

it('what is rolled back is not told', async () => {
  await start();
  const { sub } = await server.user();
  const { db, notices } = server.gatehouse;
  const write = db.write(async (tx) => {
    await notices.tell(tx, sub, 'password_changed');
    throw new Error('an accident');
  });
  await expect(write).rejects.toThrow('an accident');
  await deliver();
  expect([await rows(), subjects()]).toEqual([[], []]);
});

it.each([
  ['has no address', { email: null }],
  ['has an address that is not verified', { claims: { email_verified: false } }],
])('who %s is told nothing', async (_who, changes) => {
  await start();
  const { sub } = await server.user();
  await updateUser(server.gatehouse, sub, changes);
  await deliver();
  const before = subjects().length;
  await tell(sub);
  await deliver();
  expect([await rows(), subjects().length]).toEqual([[], before]);
});

it('a person who is deleted leaves no mail behind', async () => {
  await start({
    onRcptTo: (_to, _session, done) => done(Object.assign(new Error('later'), { responseCode: 451 })),
  });
  const { sub } = await server.user();
  await tell(sub);
  await deliver();
  expect(await rows()).toHaveLength(1);
  await removeUser(server.gatehouse, sub);
  expect(await rows()).toEqual([]);
});

it('a sign-out does not wait for the mail server', async () => {
  await start({ onConnect: (_session, done) => void setTimeout(done, 3000) });
  const { sub } = await server.user();
  await tell(sub);
  const begin = performance.now();
  await server.gatehouse.outbox.flush(sub, 2000);
  expect(performance.now() - begin).toBeLessThan(1000);
});

it('a restore sends no mail twice and none of the backup, and keeps what still waits', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-mail-restore-'));
  const [file, backup] = [join(directory, 'gatehouse.db'), join(directory, 'b.db')];
  const port = await freePort();
  let isAway = true;
  const options: SMTPServerOptions = {
    onRcptTo: (_to, _session, done) =>
      isAway ? done(Object.assign(new Error('later'), { responseCode: 451 })) : done(),
  };
  await start(options, { port, environment: { GATEHOUSE_DATABASE: `sqlite:${file}` } });
  try {
    const [alice, bob] = [await server.user('alice'), await server.user('bob')];
    await tell(alice.sub);
    await deliver();
    const migrations = readMigrations(new URL('../../migrations/', import.meta.url));
    const parts = { url: `sqlite:${file}`, migrations, clock: server.clock };
    await backUp(parts, backup);
    // Since the backup that mail was sent, and another one waits.
    isAway = false;
    server.clock.advance(10_000);
    await deliver();
    isAway = true;
    await tell(bob.sub);
    await deliver();
    await server.stop();
    await restore(parts, backup, { keepGrants: true });
    const environment = { GATEHOUSE_SMTP_URL: mails.url, GATEHOUSE_MAIL_FROM: 'id@example.com' };
    const clock = server.clock;
    server = await startServer({
      port,
      clock,
      environment: { ...environment, GATEHOUSE_DATABASE: `sqlite:${file}` },
    });
    isAway = false;
    server.clock.advance(60_000);
    await deliver();
    expect(mails.received.map(({ to }) => to[0])).toEqual(['alice@example.com', 'bob@example.com']);
    // Where the replaced database is gone, what the backup has may have been sent.
    isAway = true;
    await tell(alice.sub);
    await deliver();
    rmSync(backup);
    await backUp(parts, backup);
    await server.stop();
    for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true });
    await restore(parts, backup, { keepGrants: true });
    server = await startServer({
      port,
      clock,
      environment: { ...environment, GATEHOUSE_DATABASE: `sqlite:${file}` },
    });
    expect(await rows()).toEqual([]);
  } finally {
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  }
});

it('in development without a mail server, mail is kept in files and shown in the log', async () => {
  server = await startServer({ mail: true });
  const { sub } = await server.user('alice', { locale: 'de-CH' });
  await tell(sub);
  await deliver();
  const folder = join(server.directory, 'mail');
  const [name = ''] = readdirSync(folder);
  const mail = parseMail(readFileSync(join(folder, name), 'latin1'));
  expect(mail.header('to')).toBe('alice@example.com');
  expect(mail.text).toContain('Das Passwort Ihres Kontos wurde geändert.');
  expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  const line = server.lines.find((one) => one.includes('mail, kept in a file'));
  expect(JSON.parse(line ?? '{}')).toMatchObject({ to: 'alice@example.com', file: join(folder, name) });
});

it('development keeps the newest hundred files', async () => {
  server = await startServer({ mail: true });
  for (let index = 0; index < 105; index += 1) await tell((await server.user(`u${index}`)).sub);
  await deliver();
  expect(readdirSync(join(server.directory, 'mail'))).toHaveLength(100);
});

it('outside development without a mail server, nothing is stored', async () => {
  const environment = {
    GATEHOUSE_ISSUER: 'https://id.example.com',
    GATEHOUSE_MASTER_KEY: 'k'.repeat(44),
  };
  server = await startServer({ environment, mail: true });
  const { sub } = await server.user();
  await tell(sub);
  expect(await rows()).toEqual([]);
  expect(existsSync(join(server.directory, 'mail'))).toBe(false);
});
