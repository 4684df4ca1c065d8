/** Ready is who keeps what is written: a server whose writes fail, or go into a file without a name, is not. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { rotateKeys } from '../../src/oauth/keys/rotate-and-revoke-keys.ts';
import { spendJti } from '../../src/storage/tables/spent-jtis.ts';
import { startServer, type TestServer } from '../support/server.ts';

const FOR_EVER = 9e15;

let directory: string;
let server: TestServer | undefined;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-ready-'));
});
afterEach(async () => {
  await server?.stop();
  server = undefined;
  spawnSync('umount', ['-l', directory], { stdio: 'ignore' });
  rmSync(directory, { recursive: true, force: true });
});

async function begin(): Promise<TestServer> {
  mkdirSync(join(directory, 'data'), { mode: 0o700 });
  const GATEHOUSE_DATABASE = `sqlite:${join(directory, 'data', 'gatehouse.db')}`;
  server = await startServer({
    environment: { GATEHOUSE_DATABASE, GATEHOUSE_MASTER_KEY: 'k'.repeat(44) },
  });
  return server;
}

const ready = async ({ issuer }: TestServer) => (await fetch(`${issuer}/health/ready`)).status;

it('is off while the database file is moved away, until it is back', async () => {
  const running = await begin();
  expect(await ready(running)).toBe(200);
  const data = join(directory, 'data');
  mkdirSync(join(directory, 'elsewhere'));
  const files = readdirSync(data).filter((file) => file.startsWith('gatehouse.db'));
  for (const file of files) renameSync(join(data, file), join(directory, 'elsewhere', file));
  expect(await ready(running)).toBe(503);
  expect(running.lines.join()).toContain('was moved away or deleted under this server');
  for (const file of files) renameSync(join(directory, 'elsewhere', file), join(data, file));
  expect(await ready(running)).toBe(200);
});

const mayMount = spawnSync('unshare', ['-m', 'true']).status === 0;

it.runIf(mayMount)('a disk that is full, until there is room', async () => {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', directory]);
  const running = await begin();
  const { bavail, bsize } = statfsSync(directory);
  writeFileSync(join(directory, 'ballast'), Buffer.alloc(Number(bavail) * Number(bsize)));
  let rows = 0;
  const write = () =>
    running.gatehouse.db.write((tx) => {
      rows += 1;
      return spendJti(tx, { jti_key: `${rows}${'x'.repeat(2000)}`, expires_at: FOR_EVER });
    });
  await expect(
    (async () => {
      while (rows < 500) await write();
    })(),
  ).rejects.toThrow('its disk is full');
  expect(await ready(running)).toBe(503);
  rmSync(join(directory, 'ballast'));
  expect(await ready(running)).toBe(200);
  expect(await write()).toBe(true);
});

it("is off while a signing key is sealed with another node's master key, until it is deleted", async () => {
  const running = await begin();
  const { gatehouse } = running;
  const otherKey = { ...gatehouse, settings: { ...gatehouse.settings, masterKey: Buffer.alloc(32, 'x') } };
  await rotateKeys(otherKey, { now: true, masterKeyChanged: true });
  expect(await ready(running)).toBe(503);
  const said = running.lines.find((line) => line.includes('does not open with this master key'));
  expect(said).toContain('which another node may have');
  await rotateKeys(gatehouse, { now: true, masterKeyChanged: true });
  expect(await ready(running)).toBe(200);
});
