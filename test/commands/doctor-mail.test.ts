/** What gatehouse doctor says of mail. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, it } from 'vitest';
import { runCommand } from '../support/command.ts';
import { freePort } from '../support/free-port.ts';
import { startMailServer, type TestMailServer } from '../support/mail-server.ts';

const directory = mkdtempSync(join(tmpdir(), 'gatehouse-doctor-mail-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
let mails: TestMailServer | undefined;
afterEach(() => mails?.stop());

/** The finding of the check; `url` is smtp_url. */
async function findingFor(url: string | undefined, more = '') {
  const settings = url === undefined ? '' : `GATEHOUSE_SMTP_URL='${url}' GATEHOUSE_MAIL_FROM=id@example.com`;
  const database = `sqlite:${join(directory, 'data', 'gatehouse.db')}`;
  const shell = `export GATEHOUSE_LOG_LEVEL=error ${settings} ${more}; exec "$@"`;
  const { out, err } = await runCommand(directory, database, ['doctor', '--json'], { shell });
  expect(out + err).not.toContain('hunter2hunter2');
  return JSON.parse(out).find(({ name }: { name: string }) => name === 'mail');
}

it('a mail server that answers and takes the login, and gets no mail', async () => {
  mails = await startMailServer({
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _session, done) =>
      password === 'hunter2hunter2' ? done(null, { user: username }) : done(new Error('wrong')),
  });
  const finding = await findingFor(`smtp://me:hunter2hunter2@127.0.0.1:${mails.port}`);
  expect(finding).toMatchObject({
    status: 'PASS',
    evidence: `127.0.0.1:${mails.port} answers in clear text, on this machine, and let this server log in`,
  });
  expect(mails.received).toEqual([]);
});

it('a login that is refused, with what the server says', async () => {
  mails = await startMailServer({
    allowInsecureAuth: true,
    onAuth: (_auth, _session, done) => done(Object.assign(new Error('no such login'), { responseCode: 535 })),
  });
  const finding = await findingFor(`smtp://me:hunter2hunter2@127.0.0.1:${mails.port}`);
  expect(finding).toMatchObject({
    status: 'FAIL',
    evidence: expect.stringMatching(/answered 535 to AUTH.*no such login/),
  });
  expect(finding.fix).toContain('user and password');
});

it('a mail server that is down', async () => {
  const port = await freePort();
  const finding = await findingFor(`smtps://me:hunter2hunter2@localhost:${port}`);
  expect(finding).toMatchObject({ status: 'FAIL', evidence: expect.stringContaining('ECONNREFUSED') });
});

it('no mail server: in development where mail is kept, elsewhere that there is none', async () => {
  expect(await findingFor(undefined)).toMatchObject({
    status: 'PASS',
    evidence: `no smtp_url: mail is kept in ${join(directory, 'data', 'mail')}`,
  });
  expect(await findingFor(undefined, 'GATEHOUSE_ISSUER=https://id.invalid')).toMatchObject({
    status: 'PASS',
    evidence: expect.stringContaining('no mail is sent'),
    fix: expect.stringContaining('smtp_url'),
  });
});
