/** The servers of the lives: one on a SQLite file, or two nodes over one PostgreSQL, with one clock that stands still. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrationsDirectory } from '../../src/gatehouse.ts';
import { socketTimes } from '../../src/http/create-server-with-limits.ts';
import { backUp } from '../../src/storage/backup/back-up-to-sqlite-file.ts';
import { restore } from '../../src/storage/backup/restore.ts';
import type { Database } from '../../src/storage/database.ts';
import { readMigrations } from '../../src/storage/migrate.ts';
import { readInstallationState } from '../../src/storage/revision-and-restore-times.ts';
import { hashOfPassword } from '../race/scene.ts';
import { createTestClock, type TestClock } from '../support/clock.ts';
import { createHeldWrites, type HeldWrites } from '../support/held-writes.ts';
import { patient } from '../support/patience.ts';
import { startPostgres } from '../support/postgres.ts';
import { startServer, type TestServer } from '../support/server.ts';
import type { App } from './life.ts';

const MASTER_KEY = 'm'.repeat(44);
/** What is held waits for others, and a busy machine takes its time: no socket is closed for that. */
const SLOW_MS = 600_000;

/** How often a step was done, and how often it was let through. */
export interface Count {
  done: number;
  through: number;
}

export interface World {
  readonly clock: TestClock;
  /** Of the password that everybody begins with. */
  readonly hash: string;
  readonly counts: Map<string, Count>;
  /** Pairs for the lives to come: nodes are slow to hear of a new one, and once for many lives is enough. */
  readonly spareApps: App[][];
  /** Those of requests; the operator's own are not held. */
  readonly writes: HeldWrites;
  node(which: number): TestServer;
  /** Resolves when every node knows what any of them changed. */
  settled(): Promise<void>;
  /** undefined where the engine has no file that could be put in place of another. */
  readonly backups: { make(): Promise<string>; restore(file: string): Promise<void> } | undefined;
  stop(): Promise<void>;
}

/** A database that fails its installation on purpose, to see whether that is noticed. */
export type Fault = (db: Database) => Database;

function createStillClock(): TestClock {
  const clock = createTestClock();
  clock.hold();
  return clock;
}

export async function openSqliteWorld(fault?: Fault): Promise<World> {
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-model-'));
  const url = `sqlite:${join(directory, 'gatehouse.db')}`;
  const clock = createStillClock();
  const writes = createHeldWrites();
  const open = (port?: number) =>
    startNode(url, { clock, writes, fault, ...(port !== undefined && { port }) });
  let node = await open();
  const parts = { url, migrations: readMigrations(migrationsDirectory), clock };
  let made = 0;
  return {
    clock,
    writes,
    hash: await hashOfPassword(node),
    counts: new Map(),
    spareApps: [],
    node: () => node,
    settled: async () => {},
    backups: {
      async make() {
        made += 1;
        const file = join(directory, `backup-${made}.db`);
        await backUp(parts, file);
        return file;
      },
      async restore(file) {
        await node.stop();
        await restore(parts, file, { keepGrants: false });
        node = await open(Number(new URL(node.issuer).port));
      },
    },
    async stop() {
      await node.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export async function openPostgresWorld(fault?: Fault): Promise<World> {
  const postgres = await startPostgres(['-c', 'fsync=off']);
  const clock = createStillClock();
  const writes = createHeldWrites();
  const here = await startNode(postgres.url, { clock, writes, fault });
  const there = await startNode(postgres.url, { clock, writes, fault, issuer: here.issuer });
  const nodes = [here, there];
  return {
    clock,
    writes,
    hash: await hashOfPassword(here),
    counts: new Map(),
    spareApps: [],
    node: (which) => (which % 2 === 0 ? here : there),
    async settled() {
      const { revision } = await readInstallationState(here.gatehouse.db);
      for (const { gatehouse } of nodes) {
        while ((await gatehouse.revision.current()).revision < revision) {
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      }
    },
    backups: undefined,
    async stop() {
      for (const node of nodes) await node.stop();
      await postgres.stop();
    },
  };
}

async function startNode(
  url: string,
  options: {
    clock: TestClock;
    writes: HeldWrites;
    fault?: Fault | undefined;
    port?: number;
    issuer?: string;
  },
): Promise<TestServer> {
  const { clock, writes, fault = (db: Database) => db, port, issuer } = options;
  const server = await startServer({
    clock,
    environment: {
      GATEHOUSE_DATABASE: url,
      GATEHOUSE_MASTER_KEY: MASTER_KEY,
      ...(issuer !== undefined && { GATEHOUSE_ISSUER: issuer }),
    },
    ...(port !== undefined && { port }),
    requestsThrough: (db) => writes.through(fault(patient(db))),
    times: { ...socketTimes, idleMs: SLOW_MS, keepAliveMs: SLOW_MS },
  });
  return { ...server, gatehouse: { ...server.gatehouse, db: fault(patient(server.gatehouse.db)) } };
}
