/** A disk that is full before the server has failed at a write: a file system of a few megabytes, as root. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type TestServer } from '../support/server.ts';

const disk = mkdtempSync(join(tmpdir(), 'gatehouse-full-disk-'));
const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', disk]).status === 0;
if (!isMounted) process.stderr.write('mount is not permitted here: test/http/full-disk is left out\n');
afterAll(() => {
  if (isMounted) spawnSync('umount', ['-l', disk]);
  rmSync(disk, { recursive: true, force: true });
});

describe.skipIf(!isMounted)('a server that makes no writes', () => {
  let server: TestServer;
  beforeAll(async () => {
    mkdirSync(join(disk, 'data'), { mode: 0o700 });
    const GATEHOUSE_DATABASE = `sqlite:${join(disk, 'data', 'gatehouse.db')}`;
    server = await startServer({ environment: { GATEHOUSE_DATABASE } });
  });
  afterAll(() => server.stop());

  const readiness = async () => (await fetch(`${server.issuer}/health/ready`)).status;

  it('is not ready while the disk is full, and ready when it has space again', async () => {
    expect(await readiness()).toBe(200);
    const { bavail, bsize } = statfsSync(disk);
    writeFileSync(join(disk, 'ballast'), Buffer.alloc(bavail * bsize));
    expect(await readiness()).toBe(503);
    rmSync(join(disk, 'ballast'));
    expect(await readiness()).toBe(200);
  });

  it('writes nothing for a probe while there is space', async () => {
    await readiness();
    const { bavail } = statfsSync(disk);
    const { changes } = await countChanges(server);
    for (let asked = 0; asked < 3; asked += 1) expect(await readiness()).toBe(200);
    expect([statfsSync(disk).bavail, await countChanges(server)]).toEqual([bavail, { changes }]);
  });
});

/** What the writer's connection changed so far. */
async function countChanges({ gatehouse }: TestServer): Promise<{ readonly changes: number }> {
  return { changes: (await gatehouse.db.get<{ n: number }>('SELECT total_changes() AS n'))?.n ?? -1 };
}
