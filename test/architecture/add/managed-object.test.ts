/** An object to manage with a table of its own, which depends on a client: what its verbs write, and how its rows end. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type AdminContext, type Noun, verb } from '../../../src/admin-commands/noun-and-verb-types.ts';
import { range, rangeFlags, readPart } from '../../../src/admin-commands/read-part-of-list.ts';
import { Part, type Printed } from '../../../src/admin-commands/verb-output-types.ts';
import { writeAudited } from '../../../src/admin-commands/write-only-with-audit-event.ts';
import { actingAs } from '../../../src/audit/write-in-transaction-or-batch.ts';
import { HOUR_MS } from '../../../src/lib/durations.ts';
import { isRefusal, refuse } from '../../../src/lib/outcome.ts';
import { newLabel } from '../../../src/lib/time-ordered-ids-and-secrets.ts';
import type { Reader, Tx } from '../../../src/storage/database.ts';
import { type LifeCycle, type LifeCycleOf, OFTEN_MS } from '../../../src/storage/life-cycle.ts';
import { dependentsFirst, lifeCycles } from '../../../src/storage/restore-and-cleanup-rules/index.ts';
import { auditEvents, publicClient } from '../../support/flow.ts';
import type { TestServer } from '../../support/server.ts';

const OPERATOR = 'os:gatehouse (sudo tilda)';
const MOST = 3;

interface ToyRow {
  readonly toy_id: string;
  readonly client_id: string;
  readonly written_by: string;
  readonly expires_at: number | null;
}

const toys: LifeCycleOf<ToyRow> = {
  table: 'toys',
  columns: { toy_id: 'key', client_id: 'backup', written_by: 'backup', expires_at: 'backup' },
  dependsOn: { client_id: { table: 'clients', ends: 'cascade' } },
  cleanUp: [{ key: 'toy_id', due: 'expires_at < $1', agoMs: HOUR_MS, everyMs: OFTEN_MS }],
  personal: [{ what: 'who wrote the toy down', kept: 'until its end, and an hour' }],
  restore: { keeps: { rows: 'true', known: 'IGNORE' } },
};

const CREATE = `CREATE TABLE toys (toy_id TEXT PRIMARY KEY,
  client_id TEXT NOT NULL REFERENCES clients (client_id) ON DELETE CASCADE, written_by TEXT NOT NULL, expires_at BIGINT)`;

const insert = (tx: Tx, { toy_id, client_id, written_by, expires_at }: ToyRow) =>
  tx.run(
    `INSERT INTO toys SELECT $1, client_id, $3, $4 FROM clients WHERE client_id = $2 AND leaving_at IS NULL`,
    toy_id,
    client_id,
    written_by,
    expires_at,
  );
const countOf = async (db: Reader, client_id: string) =>
  Number((await db.get<{ n: number }>('SELECT count(*) AS n FROM toys WHERE client_id = $1', client_id))?.n);

const one = z.object({ client_id: z.string() });

const toyNoun: Noun = {
  name: 'toy',
  summary: 'toys of a client',
  verbs: [
    verb({
      name: 'add',
      summary: 'write one down',
      input: one.extend({ days: z.coerce.number().optional() }),
      argument: 'client_id',
      flags: [{ member: 'days', flag: 'days', kind: 'text', sentence: 'for how many days' }],
      run: (context, { client_id, days }) => {
        const { clock, random, operator, audit } = context;
        const expires_at = days === undefined ? null : clock.nowMs() + days * 24 * HOUR_MS;
        const row = { toy_id: newLabel(clock, random), client_id, written_by: operator, expires_at };
        return writeAudited<Printed>(context, async (tx) => {
          if ((await insert(tx, row)) === 0)
            return refuse('not_found', 'unknown_client', `there is no client ${client_id}`);
          // After the insertion, as the refusal rolls it back.
          if ((await countOf(tx, client_id)) > MOST) return refuse('conflict', 'busy', `there are ${MOST}`);
          audit.record(tx, { type: 'client.updated', client_id, details: { toy_id: row.toy_id } });
          return row;
        });
      },
    }),
    verb({
      name: 'list',
      summary: 'those of one client',
      input: one.extend(range),
      argument: 'client_id',
      flags: rangeFlags('toy_id'),
      run: ({ db }, { client_id, limit, after = '' }) =>
        readPart({
          limit,
          read: (wanted) =>
            db.all<ToyRow>(
              'SELECT * FROM toys WHERE client_id = $1 AND toy_id > $2 ORDER BY toy_id LIMIT $3',
              client_id,
              after,
              wanted,
            ),
          keyOf: ({ toy_id }) => toy_id,
          value: (rows) => rows,
        }),
    }),
    verb({
      name: 'remove',
      summary: 'delete one, and forget to audit it',
      input: z.object({ toy_id: z.string() }),
      argument: 'toy_id',
      run: (context, { toy_id }) =>
        writeAudited(context, async (tx) => {
          await tx.all('DELETE FROM toys WHERE toy_id = $1 RETURNING toy_id', toy_id);
          return { toy_id };
        }),
    }),
    verb({
      name: 'record',
      summary: 'write none down, and audit it',
      input: one,
      argument: 'client_id',
      run: (context, { client_id }) =>
        writeAudited<Printed>(context, async (tx) => {
          await insert(tx, { toy_id: 'lost', client_id, written_by: OPERATOR, expires_at: null });
          context.audit.record(tx, { type: 'client.updated', client_id });
          return { client_id };
        }),
    }),
  ],
};

let server: TestServer;
let context: AdminContext;
beforeAll(async () => {
  (lifeCycles as LifeCycle[]).push(toys);
  // The same table, the other way round.
  (dependentsFirst as LifeCycle[]).unshift(toys);
  // What reads the table when it is loaded is loaded below.
  const { startServer } = await import('../../support/server.ts');
  server = await startServer();
  const { gatehouse } = server;
  context = { ...gatehouse, operator: OPERATOR, audit: actingAs(gatehouse.audit, OPERATOR) };
  await gatehouse.db.write((tx) => tx.run(CREATE));
});
afterAll(() => server.stop());

// biome-ignore lint/suspicious/noExplicitAny: what is printed is looked at member by member
async function run(name: string, input: object): Promise<any> {
  const found = toyNoun.verbs.find((candidate) => candidate.name === name);
  return found?.run(context, found.input.parse(input));
}

const newClient = async () => (await publicClient(server)).client.client_id;

describe('an object to manage', () => {
  it('names the operator as the actor of the audit event does', async () => {
    const client_id = await newClient();
    const toy = await run('add', { client_id });
    expect(toy).toMatchObject({ client_id, written_by: OPERATOR });
    expect((await auditEvents(server))[0]).toMatchObject({
      actor: OPERATOR,
      details: { toy_id: toy.toy_id },
    });
  });

  it('is bounded in its transaction: what is refused writes nothing', async () => {
    const client_id = await newClient();
    for (let index = 0; index < MOST; index += 1) await run('add', { client_id });
    expect(isRefusal(await run('add', { client_id }))).toBe(true);
    expect(await countOf(server.gatehouse.db, client_id)).toBe(MOST);
  });

  it('is listed in parts', async () => {
    const client_id = await newClient();
    const made = [(await run('add', { client_id })).toy_id, (await run('add', { client_id })).toy_id];
    // By their ids, which begin with the millisecond: two of one are in either order.
    const ids = made.toSorted();
    const first: Part = await run('list', { client_id, limit: 1 });
    expect(first).toBeInstanceOf(Part);
    expect(first).toMatchObject({ value: [{ toy_id: ids[0] }], rest: expect.stringContaining(ids[0]) });
    expect(await run('list', { client_id, after: ids[0] })).toMatchObject({ value: [{ toy_id: ids[1] }] });
  });

  it('is not removed by a verb that records no audit event', async () => {
    const client_id = await newClient();
    const { toy_id } = await run('add', { client_id });
    await expect(run('remove', { toy_id })).rejects.toThrow('without an audit event');
    expect(await countOf(server.gatehouse.db, client_id)).toBe(1);
    expect(await run('remove', { toy_id: 'of-nobody' })).toEqual({ toy_id: 'of-nobody' });
  });

  it('is not recorded by a verb that inserted nothing', async () => {
    const events = await auditEvents(server);
    await expect(run('record', { client_id: 'of-nobody' })).rejects.toThrow('changed no row');
    expect(await auditEvents(server)).toEqual(events);
  });

  it('goes an hour after its end, and not before', async () => {
    const { createCleanUp } = await import('../../../src/storage/cleanup.ts');
    const client_id = await newClient();
    await run('add', { client_id, days: 1 });
    await run('add', { client_id });
    const { db } = server.gatehouse;
    const settings = { audit_days: 0, personal_data_days: 0 };
    const clean = () => createCleanUp({ db, clock: server.clock, settings }).run();
    server.clock.advance(24.5 * HOUR_MS);
    await clean();
    expect(await countOf(db, client_id)).toBe(2);
    server.clock.advance(HOUR_MS);
    await clean();
    expect(await countOf(db, client_id)).toBe(1);
  });

  it('goes with its client, and none is added once the client is being deleted', async () => {
    const removal = await import('../../../src/oauth/clients/delete-client-in-pieces.ts');
    const { db } = server.gatehouse;
    const client_id = await newClient();
    await run('add', { client_id });
    await removal.beginDeletion(context, client_id);
    expect(await run('add', { client_id })).toMatchObject({ reason: 'unknown_client' });
    expect(await countOf(db, client_id)).toBe(1);
    await removal.finishDeletions(db);
    expect(await countOf(db, client_id)).toBe(0);
  });

  it('that was added since the backup is kept by a restore, unless its client was made since too', async () => {
    const { copyDatabase } = await import('../../../src/storage/backup/copy.ts');
    const { carryOver } = await import('../../../src/storage/backup/carry-over-from-replaced-database.ts');
    const { openDatabase } = await import('../../../src/storage/open-database-by-url.ts');
    const { migrate, readMigrations } = await import('../../../src/storage/migrate.ts');
    const migrations = readMigrations(new URL('../../../migrations/', import.meta.url));
    const client_id = await newClient();
    const file = join(server.directory, 'backup.db');
    const backup = openDatabase(`sqlite:${file}`);
    await migrate(backup, migrations, server.clock);
    await backup.write((tx) => tx.run(CREATE));
    await copyDatabase(server.gatehouse.db, backup, migrations);
    const newer = await newClient();
    for (const id of [client_id, newer]) await run('add', { client_id: id });
    const replaced = join(server.directory, 'gatehouse.db');
    carryOver(replaced, file, { nowMs: server.clock.nowMs(), bringBack: false });
    expect(await countOf(backup, client_id)).toBe(1);
    expect(await countOf(backup, newer)).toBe(0);
    await backup.close();
  });
});
