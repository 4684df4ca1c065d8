/** What is hardly the secret that was meant: nothing is sealed with it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { secretsCheck } from '../../src/commands/doctor/secret-files.ts';
import { loadSettings } from '../../src/config/load-settings.ts';
import { buildGatehouse } from '../../src/gatehouse.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-key-doubt-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const settingsOf = (key: string, more: Record<string, string> = {}) =>
  loadSettings({
    environment: {
      GATEHOUSE_ISSUER: 'https://id.example.com',
      GATEHOUSE_DATABASE: `sqlite:${join(directory, 'data', 'gatehouse.db')}`,
      GATEHOUSE_MASTER_KEY: key,
      ...more,
    },
  });

async function start(settings: ReturnType<typeof settingsOf>): Promise<void> {
  const gatehouse = await buildGatehouse(settings, { log: pino({ level: 'silent' }) });
  await gatehouse.close();
}

it.each([
  ['/run/secrets/gatehouse_master_key/', 'GATEHOUSE_MASTER_KEY_FILE'],
  ['./secrets/the-master-key-of-gatehouse', 'GATEHOUSE_MASTER_KEY_FILE'],
  ['file:///srv/secrets/gatehouse-master-key', 'GATEHOUSE_MASTER_KEY_FILE'],
  ['"the-master-key-as-docker-takes-it-from-a-file"', 'quotation marks'],
  ['$(openssl rand -base64 48) and no shell', 'command of a shell'],
])('%s is refused at a first start, each time, and the way out is named', async (key, remedy) => {
  for (const _again of [1, 2]) {
    const started = start(settingsOf(key));
    await expect(started).rejects.toThrow(remedy);
    await expect(started).rejects.not.toThrow(key);
  }
});

it('a file that is there is told from base64 that begins with a slash', async () => {
  const file = join(directory, 'the-file-with-the-real-master-key-in-it');
  writeFileSync(file, 'x');
  await expect(start(settingsOf(file))).rejects.toThrow('GATEHOUSE_MASTER_KEY_FILE');
  await start(settingsOf('/9x3jHk2+VbN0pQ7r/TzLw5sYcA1uEoMfGdRiXeWqZl='));
});

it('an installation that is sealed with such a key goes on, and doctor says so', async () => {
  const key = './secrets/the-master-key-of-gatehouse';
  await start(settingsOf(key, { GATEHOUSE_ISSUER: 'http://localhost:4000' }));
  const settings = settingsOf(key);
  await start(settings);
  expect(await secretsCheck.look(settings)).toMatchObject({
    status: 'WARN',
    evidence: expect.stringContaining('looks like the path of a file'),
  });
});
