/** A Gatehouse with the API and the app of the guide, and every kind of token that an API may be shown. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { rotateClientSecret } from '../../src/oauth/clients/issue-client-secrets.ts';
import { forged, tampered, unsigned } from '../support/altered-tokens.ts';
import { authorize, post, type Registered, redeem } from '../support/flow.ts';
import { program } from '../support/program.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { block } from './guide.ts';

const MASTER_KEY = 'k'.repeat(44);

export interface Shown {
  readonly what: string;
  /** The Authorization header; none where it is undefined. */
  readonly authorization: string | undefined;
  readonly status: number;
}

export interface Scene {
  readonly server: TestServer;
  readonly api: Registered;
  /** Of the person in the good token. */
  readonly sub: string;
  /** Tokens that are signed by now, as the API is registered. */
  tokens(): Promise<readonly Shown[]>;
  /** One that is revoked. */
  revoked(): Promise<string>;
  /** Runs a block of the guide: its commands of Gatehouse. */
  run(name: string): void;
  stop(): Promise<void>;
}

export async function prepareScene(): Promise<Scene> {
  const server = await startServer({
    environment: {
      GATEHOUSE_MASTER_KEY: MASTER_KEY,
      GATEHOUSE_SCOPES: JSON.stringify({ 'orders:read': 'See your orders' }),
    },
  });
  const { sub } = await server.user();
  runGatehouse(server, block('gatehouse client create'));
  const [api, app] = await Promise.all(['Orders API', 'Orders app'].map((name) => withSecret(server, name)));
  if (!api || !app) throw new Error('the guide made no clients');
  return {
    server,
    api,
    sub,
    tokens: () => allTokens(server, app, api),
    async revoked() {
      const { access_token } = await tokensOf(server, app, 'orders:read');
      await post(server, '/revoke', { token: access_token }, app);
      return access_token;
    },
    run: (name) => runGatehouse(server, block(name).replace('CLIENT_ID_OF_THE_API', api.client.client_id)),
    stop: () => server.stop(),
  };
}

/** As an operator does, with the program that is built. */
function runGatehouse({ issuer, directory }: TestServer, script: string): void {
  const { status, stderr } = spawnSync('sh', ['-ec', `gatehouse() { node '${program}' "$@"; }\n${script}`], {
    cwd: directory,
    encoding: 'utf8',
    env: {
      PATH: process.env.PATH,
      GATEHOUSE_ISSUER: issuer,
      GATEHOUSE_MASTER_KEY: MASTER_KEY,
      GATEHOUSE_DATABASE: `sqlite:${join(directory, 'gatehouse.db')}`,
      GATEHOUSE_SCOPES: JSON.stringify({ 'orders:read': 'See your orders' }),
    },
  });
  if (status !== 0) throw new Error(`${script}\nfailed: ${stderr}`);
}

async function withSecret({ gatehouse }: TestServer, name: string): Promise<Registered> {
  const clients = await gatehouse.clients.list({ after: undefined, limit: 100 });
  const client_id = clients.find(({ metadata }) => metadata.client_name === name)?.client_id ?? '';
  const rotated = await rotateClientSecret(gatehouse, client_id, { keepOldForSeconds: 0 });
  if ('refused' in rotated) throw new Error(rotated.description);
  return { client: rotated.client, client_secret: rotated.client_secret };
}

async function tokensOf(server: TestServer, app: Registered, scope: string) {
  const authorized = await authorize(server, app.client, { more: { scope } });
  return (await redeem(server, app, authorized)).body;
}

async function allTokens(server: TestServer, app: Registered, api: Registered): Promise<readonly Shown[]> {
  server.clock.advance(-600_000);
  const expired = (await tokensOf(server, app, 'orders:read')).access_token;
  server.clock.advance(600_000);
  const good = (await tokensOf(server, app, 'orders:read')).access_token;
  const withoutScope = (await tokensOf(server, app, 'profile')).access_token;
  const { access_token: forUserinfo, id_token } = await tokensOf(server, app, 'openid orders:read');
  const other = await server.client({
    grant_types: ['client_credentials'],
    scope: 'orders:read',
    resources: [`https://${api.client.client_id}.${Date.now()}.example.com`],
  });
  const resource = other.client.metadata.resources[0] ?? '';
  const elsewhere = await post(server, '/token', { grant_type: 'client_credentials', resource }, other);
  const refused = {
    garbage: 'nonsense',
    'something like a JWT': 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.',
    expired,
    'for userinfo': forUserinfo,
    'for another API': elsewhere.body.access_token,
    'an ID token': id_token,
    'signed by somebody else': await forged(good),
    'signed by nobody': unsigned(good),
    'with another payload': tampered(good),
  };
  return [
    { what: 'good', authorization: `Bearer ${good}`, status: 200 },
    { what: 'without the scope', authorization: `Bearer ${withoutScope}`, status: 403 },
    { what: 'no token', authorization: undefined, status: 401 },
    { what: 'good, by another scheme', authorization: `Basic ${good}`, status: 401 },
    ...Object.entries(refused).map(([what, token]) => ({
      what,
      authorization: `Bearer ${token}`,
      status: 401,
    })),
  ];
}
