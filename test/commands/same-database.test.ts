/** After a move, commands with the old settings change what no server reads: copy says so, and doctor sees it. */
import { copyFileSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newDoctorProof } from '../../src/http/authenticate-doctor-by-master-key.ts';
import { runCommand } from '../support/command.ts';
import { startServer, type TestServer } from '../support/server.ts';

let directory: string;
let server: TestServer;
const url = (name: string) => `sqlite:${join(directory, `${name}.db`)}`;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-same-'));
  await runCommand(directory, url('old'), ['user', 'create', '--username', 'alice']);
  const copied = await runCommand(directory, url('new'), ['database', 'copy', '--from', url('old')]);
  expect([copied.code, copied.err]).toEqual([
    0,
    expect.stringMatching(
      /nobody who signs in notices\. Then put the source away: mv \S+old\.db \S+old\.db\.copied\n$/,
    ),
  ]);
  copyFileSync(join(directory, 'new.db'), join(directory, 'same-bytes.db'));
  server = await startServer({
    environment: { GATEHOUSE_DATABASE: url('new'), GATEHOUSE_MASTER_KEY: 'k'.repeat(44) },
  });
});
afterAll(async () => {
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function doctor(database: string) {
  const { host } = new URL(server.issuer);
  const shell = `export GATEHOUSE_ISSUER=${server.issuer} GATEHOUSE_LISTEN=${host.replace('localhost', '127.0.0.1')}; exec "$@"`;
  const { code, out } = await runCommand(directory, database, ['doctor', '--json'], { shell });
  const all: { name: string; status: string; evidence: string; fix: string }[] = JSON.parse(out);
  return { code, same: all.find(({ name }) => name === 'same database') };
}

it('doctor fails where the server is at another database, also one with the same bytes', async () => {
  for (const name of ['old', 'same-bytes'])
    expect(await doctor(url(name))).toMatchObject({
      code: 1,
      same: {
        status: 'FAIL',
        evidence: expect.stringMatching(
          new RegExp(`^the server uses another database than this command: .*${name}\\.db`),
        ),
        fix: expect.stringContaining('the settings file that both read'),
      },
    });
});

it('and passes where it is the same, and leaves nothing in it', async () => {
  expect((await doctor(url('new'))).same).toMatchObject({ status: 'PASS' });
  expect(await server.gatehouse.db.all(`SELECT * FROM one_time WHERE kind = 'doctor_mark'`)).toEqual([]);
});

it('the server answers a request for what it sees only with the master key', async () => {
  const ask = (masterKey: Buffer) => {
    const authorization = newDoctorProof({ masterKey }, server.clock.nowMs());
    return fetch(`${server.issuer}/health/mark/unknown`, { headers: { authorization } });
  };
  expect((await ask(Buffer.alloc(32))).status).toBe(404);
  const told = await ask(server.gatehouse.settings.masterKey);
  expect([told.status, await told.json()]).toEqual([200, { seen: false }]);
});

it('where the old database file was moved away, a command with the old settings changes nothing', async () => {
  renameSync(join(directory, 'old.db'), join(directory, 'old.db.copied'));
  const { code, err } = await runCommand(directory, url('old'), ['user', 'disable', 'alice']);
  expect([code, err]).toEqual([3, expect.stringContaining('there is no database')]);
});
