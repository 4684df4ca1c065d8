/** Which way SQLite goes for what is asked at requests that a stranger may send. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Reader } from '../../src/storage/database.ts';
import { countRegisteredClients } from '../../src/storage/tables/clients.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

it('clients that registered themselves are counted along their own index, not through all clients', async () => {
  const { db } = server.gatehouse;
  const asked: string[] = [];
  const get: Reader['get'] = (sql, ...parameters) => {
    asked.push(sql);
    return db.get(sql, ...parameters);
  };
  expect(await countRegisteredClients({ ...db, get })).toBe(0);
  const plan = await db.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${asked.join()}`);
  expect(plan.map(({ detail }) => detail)).toEqual([
    expect.stringMatching(/^SCAN clients USING (COVERING )?INDEX clients_registered$/),
  ]);
});
