/** Signing keys of several nodes over one PostgreSQL. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { updateClient } from '../../src/oauth/clients/create-and-update-clients.ts';
import { deleteClient } from '../../src/oauth/clients/delete-client-in-pieces.ts';
import { addKey } from '../../src/oauth/keys/add-and-retire.ts';
import { listKeys } from '../../src/oauth/keys/list-keys.ts';
import { maintainKeys } from '../../src/oauth/keys/maintain-keys.ts';
import { type NewKey, newKey } from '../../src/oauth/keys/new-key.ts';
import { readInstallationState } from '../../src/storage/revision-and-restore-times.ts';
import {
  authorize,
  confidentialClient,
  publicClient,
  type Registered,
  redeem,
  userinfo,
} from '../support/flow.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { grantTypes, startServer, type TestServer } from '../support/server.ts';

const NODES = 4;
const DAY_MS = 86_400_000;

/** Until a key that nothing uses is gone. */
const UNTIL_GONE_MS = 1_300_000;

/** ES256 and RS256. */
const ALGORITHMS = 2;

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

const firstNode = () => nodes[0] as TestServer;
const published = async (node = firstNode()) => {
  const response = await fetch(`${node.issuer}/jwks`);
  return ((await response.json()) as { keys: { kid: string; alg: string }[] }).keys;
};
const change = (node: TestServer, { client }: Registered, id_token_signed_response_alg: string) =>
  updateClient(node.gatehouse, grantTypes, client.client_id, { id_token_signed_response_alg });

it('nodes that start at once on an empty database make each key once', async () => {
  expect(await published()).toHaveLength(ALGORITHMS);
});

it('when the time of a successor is near, one node makes it', async () => {
  for (const node of nodes) node.clock.advance(90 * DAY_MS - 60_000);
  await Promise.all(nodes.map((node) => maintainKeys(node.gatehouse)));
  expect(await published()).toHaveLength(2 * ALGORITHMS);
});

it('clients that bring an algorithm with them at all nodes at once share its first key', async () => {
  const metadata = { id_token_signed_response_alg: 'EdDSA' };
  const apps = await Promise.all(nodes.map((node) => confidentialClient(node, metadata)));
  expect((await published()).filter(({ alg }) => alg === 'EdDSA')).toHaveLength(1);
  await Promise.all(
    nodes.map((node, index) => deleteClient(node.gatehouse, apps[index]?.client.client_id ?? '')),
  );
});

it('a node that retires what nothing uses never takes the key of a client that begins to use it', async () => {
  const app = await confidentialClient(firstNode());
  for (let round = 0; round < 10; round += 1) {
    await change(firstNode(), app, 'RS256');
    await Promise.all(
      nodes.map((node, index) => (index === 0 ? change(node, app, 'EdDSA') : maintainKeys(node.gatehouse))),
    );
    const current = (await listKeys(firstNode().gatehouse)).filter(({ alg }) => alg === 'EdDSA');
    expect(current).toMatchObject([{ state: 'current', retires_at: null }]);
  }
  await deleteClient(firstNode().gatehouse, app.client.client_id);
});

describe('a node that was not notified yet', () => {
  let relay: Relay;
  let deaf: TestServer;
  beforeAll(async () => {
    relay = await startRelay(postgres.url);
    const environment = {
      GATEHOUSE_DATABASE: relay.url,
      GATEHOUSE_MASTER_KEY: 'k'.repeat(44),
      GATEHOUSE_ISSUER: firstNode().issuer,
    };
    deaf = await startServer({ environment, clock: firstNode().clock });
    await deaf.user();
    await maintainKeys(firstNode().gatehouse);
    firstNode().clock.advance(UNTIL_GONE_MS);
  });
  afterAll(async () => {
    await deaf.stop();
    await relay.stop();
  });

  /** What `change` does at the first node is not told to the other; `look` is done before that could be noticed. */
  async function unheard<Seen>(change: () => Promise<unknown>, look: () => Promise<Seen>): Promise<Seen> {
    await relay.untilHeard();
    relay.hold();
    try {
      // What came last has arrived by then, and is read.
      await readInstallationState(deaf.gatehouse.db);
      await deaf.gatehouse.keys.algorithms();
      await change();
      await expectDeaf();
      const seen = await look();
      await expectDeaf();
      return seen;
    } finally {
      relay.release();
    }
  }

  async function expectDeaf(): Promise<void> {
    const told = await deaf.gatehouse.revision.current();
    expect(told.revision).toBeLessThan((await readInstallationState(firstNode().gatehouse.db)).revision);
  }

  // The machine may be so busy that the silence was noticed.
  const patient = { retry: 5 };

  async function signFromNow(key: NewKey): Promise<void> {
    const { gatehouse } = firstNode();
    await gatehouse.db.write((tx) => addKey(gatehouse, tx, key, gatehouse.clock.nowMs()));
  }

  it('M13 publishes a key before the node that made it signs with it', patient, async () => {
    const key = await newKey(firstNode().gatehouse, 'ES256');
    const seen = await unheard(
      () => signFromNow(key),
      () => published(deaf),
    );
    expect(seen.map(({ kid }) => kid)).toContain(key.kid);
  });

  it('signs with the first key of an algorithm as soon as its client is there', patient, async () => {
    const app = await confidentialClient(firstNode());
    try {
      const token = await unheard(
        () => change(firstNode(), app, 'EdDSA'),
        () => deaf.gatehouse.keys.sign('EdDSA', 'JWT', {}),
      );
      expect(token).toMatch(/^eyJ/);
    } finally {
      // For another attempt, nothing is left of it.
      await deleteClient(firstNode().gatehouse, app.client.client_id);
      await maintainKeys(firstNode().gatehouse);
      firstNode().clock.advance(UNTIL_GONE_MS);
      expect(await published()).not.toContainEqual(expect.objectContaining({ alg: 'EdDSA' }));
    }
  });

  it('accepts what another node signed with a key that it does not know yet', patient, async () => {
    const app = await publicClient(firstNode());
    const authorized = await authorize(firstNode(), app.client);
    const key = await newKey(firstNode().gatehouse, 'ES256');
    const { status } = await unheard(
      () => signFromNow(key),
      async () => {
        const { body } = await redeem(firstNode(), app, authorized);
        expect(decodeProtectedHeader(body.access_token).kid).toBe(key.kid);
        return userinfo(deaf, body.access_token);
      },
    );
    expect(status).toBe(200);
  });
});

interface Relay {
  readonly url: string;
  /** The connection that listens for changes is answered no more. */
  hold(): void;
  release(): void;
  /** Until something came on it. */
  untilHeard(): Promise<void>;
  stop(): Promise<void>;
}

/** Between a node and its database. */
async function startRelay(database: string): Promise<Relay> {
  const target = new URL(database);
  const sockets = new Set<Socket>();
  const listeners = new Set<Socket>();
  let isHeld = false;
  let heard = () => {};
  const server: Server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {}).once('close', () => void [near, far].map((one) => one.destroy()));
    }
    near.on('data', (data) => {
      if (data.includes('LISTEN gatehouse_changes')) listeners.add(far);
      far.write(data);
    });
    far.on('data', (data) => {
      if (isHeld && listeners.has(far)) return;
      if (listeners.has(far)) heard();
      near.write(data);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = new URL(database);
  url.port = String((server.address() as { port: number }).port);
  return {
    url: url.href,
    hold() {
      isHeld = true;
    },
    release() {
      isHeld = false;
    },
    untilHeard: () =>
      new Promise((done) => {
        heard = done;
      }),
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}
