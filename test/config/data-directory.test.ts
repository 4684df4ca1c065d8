/** In production nobody else may look into the data directory; a group that is the process's own is nobody else. */
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadSettings } from '../../src/config/load-settings.ts';
import { type Ran, runCommand } from '../support/command.ts';

const NOBODY = 65_534;
/** Of a volume, as Kubernetes gives one to a pod. */
const FS_GROUP = 54_321;
const isRoot = process.getuid?.() === 0 && existsSync('/usr/bin/setpriv');

let parent: string;
let data: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'gatehouse-data-'));
  data = join(parent, 'data');
  mkdirSync(data);
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

function load() {
  return loadSettings({
    environment: {
      GATEHOUSE_ISSUER: 'https://id.example.com',
      GATEHOUSE_MASTER_KEY: 'k'.repeat(44),
      GATEHOUSE_DATABASE: `sqlite:${join(data, 'gatehouse.db')}`,
    },
  });
}

describe('of the process’s own group', () => {
  it.each([0o700, 0o750, 0o770, 0o2770])('mode %o is taken as it is', (mode) => {
    chmodSync(data, mode);
    expect(load().issuer).toBe('https://id.example.com');
    expect(statSync(data).mode & 0o7777).toBe(mode);
  });

  it.each([0o755, 0o701, 0o777, 0o2775])('mode %o is refused: everybody may look into it', (mode) => {
    chmodSync(data, mode);
    expect(load).toThrow(/everybody on this machine .* chmod 700 .* or chmod 770 where its group/);
  });
});

it('a folder that holds other things is not to be shut: the database gets one of its own', () => {
  chmodSync(data, 0o755);
  mkdirSync(join(data, 'of-others'));
  expect(load).toThrow(
    `leave its mode as it is, and give the database one of its own, which is made where there is none: database: sqlite:${join(data, 'gatehouse', 'gatehouse.db')}`,
  );
  expect(load).not.toThrow('chmod');
});

describe.skipIf(!isRoot)('of another group', () => {
  /** As a user of its own, in the groups that are named, and in production. */
  function gatehouse(groups: string, ...words: string[]): Promise<Ran> {
    chmodSync(parent, 0o755);
    const settings = 'GATEHOUSE_ISSUER=https://id.example.com';
    const who = `setpriv --reuid ${NOBODY} --regid ${NOBODY} ${groups}`;
    return runCommand(parent, `sqlite:${join(data, 'gatehouse.db')}`, words, {
      shell: `umask 0007; export ${settings}; exec ${who} "$@"`,
    });
  }

  it('a volume of Kubernetes works: its group is one of the process’s further ones', async () => {
    chownSync(data, 0, FS_GROUP);
    chmodSync(data, 0o2770);
    const words = ['client', 'create', '--name', 'App', '--redirect-uri', 'https://app.example.com/cb'];
    const { code, err } = await gatehouse(`--groups ${FS_GROUP}`, ...words);
    expect([code, err]).toEqual([0, expect.stringMatching(/^There was no database yet: this began .*\n$/)]);
    const findings = JSON.parse((await gatehouse(`--groups ${FS_GROUP}`, 'doctor', '--json')).out);
    expect(findings.find(({ name }: { name: string }) => name === 'files').status).toBe('PASS');
  });

  it('a group that the process is not in is refused, by its number', async () => {
    chownSync(data, NOBODY, FS_GROUP);
    chmodSync(data, 0o770);
    const { code, err } = await gatehouse('--clear-groups', 'client', 'list');
    expect(code).toBe(1);
    expect(err).toContain(`the group ${FS_GROUP}, which this process is not in (mode 0770)`);
  });

  it('a lock file that another user of the group left is taken', async () => {
    chownSync(data, 0, FS_GROUP);
    chmodSync(data, 0o2770);
    const serve = (groups: string) =>
      runCommand(parent, `sqlite:${join(data, 'gatehouse.db')}`, ['serve'], {
        shell: `umask 0007; export GATEHOUSE_LISTEN=127.0.0.1:0; exec setpriv ${groups} --groups ${FS_GROUP} "$@"`,
        whileRunning: (child) => child.stdout?.once('data', () => child.kill('SIGTERM')),
      });
    chmodSync(parent, 0o755);
    expect((await serve(`--reuid 65533 --regid ${NOBODY}`)).code).toBe(0);
    // As the kubelet does when it gives a volume to the next pod.
    for (const file of ['gatehouse.db', 'gatehouse.db.server-lock', 'master.key'])
      if (existsSync(join(data, file))) chmodSync(join(data, file), 0o660);
    const { code, err } = await serve(`--reuid ${NOBODY} --regid ${NOBODY}`);
    expect([code, err.includes('cannot be used')]).toEqual([0, false]);
  });
});
