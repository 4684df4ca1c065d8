/** A throwaway Gatehouse with one person and one app. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { loadSettings } from '../src/config/load-settings.ts';
import { buildGatehouse } from '../src/gatehouse.ts';
import { createApp } from '../src/http/app.ts';
import { listen } from '../src/http/listen.ts';
import { createUser } from '../src/identity/users/users.ts';
import { isRefusal } from '../src/lib/outcome.ts';
import { createClient } from '../src/oauth/clients/create-and-update-clients.ts';
import type { Registered } from '../src/oauth/clients/registry-result-and-audit.ts';
import { grants } from '../src/oauth/grants/index.ts';

export const PERSON = { username: 'alice', password: 'seven quiet lanterns at dusk' };

export interface Stage {
  readonly issuer: string;
  readonly redirect_uri: string;
  readonly client_id: string;
  readonly client_secret: string;
  close(): Promise<void>;
}

export async function setStage(ports: { server: number; app: number }): Promise<Stage> {
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-demo-'));
  const issuer = `http://localhost:${ports.server}`;
  const settings = loadSettings({
    environment: {
      GATEHOUSE_ISSUER: issuer,
      GATEHOUSE_LISTEN: `127.0.0.1:${ports.server}`,
      GATEHOUSE_DATABASE: `sqlite:${join(directory, 'gatehouse.db')}`,
    },
  });
  const gatehouse = await buildGatehouse(settings, { log: pino({ level: 'warn' }, pino.destination(2)) });
  const server = await listen(createApp(gatehouse), gatehouse);
  const email = 'alice@example.com';
  must(await createUser(gatehouse, { ...PERSON, email, claims: { name: 'Alice Adler' } }));
  const redirect_uri = `http://127.0.0.1:${ports.app}/callback`;
  const metadata = { client_name: 'Sample app', redirect_uris: [redirect_uri] };
  const { client, client_secret = '' } = must(await createClient(gatehouse, grants, metadata)) as Registered;
  return {
    issuer,
    redirect_uri,
    client_id: client.client_id,
    client_secret,
    async close() {
      await server.close();
      await gatehouse.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function must<Result>(outcome: Result): Result {
  if (isRefusal(outcome)) throw new Error(outcome.description);
  return outcome;
}
