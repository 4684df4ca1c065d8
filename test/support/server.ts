/** A whole Gatehouse over real HTTP and a real SQLite file, with a clock that the test moves. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSettings } from '../../src/config/load-settings.ts';
import { buildGatehouse, type Gatehouse } from '../../src/gatehouse.ts';
import { createApp } from '../../src/http/app.ts';
import type { SocketTimes } from '../../src/http/create-server-with-limits.ts';
import { listen } from '../../src/http/listen.ts';
import { createUser, type User } from '../../src/identity/users/users.ts';
import { createLog } from '../../src/lib/log.ts';
import { isRefusal } from '../../src/lib/outcome.ts';
import type { Chosen } from '../../src/oauth/clients/chosen-client-id-and-secret.ts';
import type { Client } from '../../src/oauth/clients/client.ts';
import { createClient } from '../../src/oauth/clients/create-and-update-clients.ts';
import { grants } from '../../src/oauth/grants/index.ts';
import type { Database } from '../../src/storage/database.ts';
import { createTestClock, type TestClock } from './clock.ts';
import { freePort } from './free-port.ts';

export const PASSWORD = 'correct horse battery staple';

/** The table of grants, for the registration of clients. */
export const grantTypes = grants;

export interface TestServer {
  readonly issuer: string;
  readonly gatehouse: Gatehouse;
  readonly clock: TestClock;
  readonly directory: string;
  /** All log lines. */
  readonly lines: string[];
  /** Creates a user with {@link PASSWORD}. */
  user(username?: string, claims?: Record<string, unknown>): Promise<User>;
  client(metadata: Record<string, unknown>): Promise<{ client: Client; client_secret: string | undefined }>;
  stop(): Promise<void>;
}

export interface ServerOptions {
  /** Further GATEHOUSE_… variables. */
  readonly environment?: Record<string, string>;
  /** An issuer path such as /tenant. */
  readonly path?: string;
  /** Any free port by default. */
  readonly port?: number;
  readonly clock?: TestClock;
  /** Shorter time limits of its sockets, for tests. */
  readonly times?: SocketTimes;
  /** Whether people are told by mail, in files; also where the environment names GATEHOUSE_SMTP_URL. */
  readonly mail?: boolean;
  /** Wraps the database that requests use. */
  readonly requestsThrough?: (db: Database) => Database;
}

export async function startServer(options: ServerOptions = {}): Promise<TestServer> {
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-'));
  const port = options.port ?? (await freePort());
  const issuer = `http://localhost:${port}${options.path ?? ''}`;
  const settings = loadSettings({
    environment: {
      GATEHOUSE_ISSUER: issuer,
      GATEHOUSE_LISTEN: `127.0.0.1:${port}`,
      GATEHOUSE_DATABASE: `sqlite:${join(directory, 'gatehouse.db')}`,
      ...options.environment,
    },
  });
  const lines: string[] = [];
  const log = createLog({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
  const clock = options.clock ?? createTestClock();
  const gatehouse = await buildGatehouse(settings, { clock, log });
  // Rows, audit events and log lines of deliveries would come at any time in tests of something else.
  const isMailed = options.mail ?? options.environment?.GATEHOUSE_SMTP_URL !== undefined;
  if (!isMailed) gatehouse.notices.tell = async () => {};
  const db = options.requestsThrough?.(gatehouse.db) ?? gatehouse.db;
  const server = await listen(createApp({ ...gatehouse, db }, options.times), gatehouse);
  return {
    issuer,
    gatehouse,
    clock,
    directory,
    lines,
    async user(username = 'alice', claims = {}) {
      const email = `${username}@example.com`;
      const user = await createUser(gatehouse, { username, email, claims, password: PASSWORD });
      if (isRefusal(user)) throw new Error(user.description);
      return user;
    },
    async client(metadata) {
      const { profile, client_id, client_secret, ...rest } = metadata;
      const chosen = { profile, client_id, client_secret } as Chosen;
      const created = await createClient(gatehouse, grantTypes, { client_name: 'Test app', ...rest }, chosen);
      if (isRefusal(created)) throw new Error(created.description);
      const { client, client_secret: secret } = created;
      return { client, client_secret: secret };
    },
    async stop() {
      await server.close();
      await gatehouse.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
