import { afterAll, beforeAll, expect, it } from 'vitest';
import { maintainKeys } from '../../src/oauth/keys/rotation.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { startServer, type TestServer } from '../support/server.ts';

const NODES = 4;
const DAY_MS = 86_400_000;
/** ES256, RS256, PS256 and EdDSA. */
const ALGORITHMS = 4;

let postgres: TestPostgres;
let nodes: TestServer[];

beforeAll(async () => {
  postgres = await startPostgres();
  const environment = { GATEHOUSE_DATABASE: postgres.url, GATEHOUSE_MASTER_KEY: 'k'.repeat(44) };
  nodes = await Promise.all(Array.from({ length: NODES }, () => startServer({ environment })));
});
afterAll(async () => {
  await Promise.all(nodes.map((node) => node.stop()));
  await postgres.stop();
});

const published = async () => {
  const response = await fetch(`${nodes[0]?.issuer}/jwks`);
  return ((await response.json()) as { keys: unknown[] }).keys;
};

it('nodes that start at once on an empty database make each key once', async () => {
  expect(await published()).toHaveLength(ALGORITHMS);
});

it('when the time of a successor is near, one node makes it', async () => {
  for (const node of nodes) node.clock.advance(90 * DAY_MS - 60_000);
  await Promise.all(nodes.map((node) => maintainKeys(node.house)));
  expect(await published()).toHaveLength(2 * ALGORITHMS);
});
