/** A running server with a user, clients and something to read, and what each scenario asks of it. */
import {
  type Answer,
  authorize,
  authorizeUrl,
  CALLBACK,
  type Clients,
  newVerifier,
  post,
  signIn,
} from '../crash/client.ts';
import { type Gatehouse, newHouse, type Running, removeHouse, startServer } from '../crash/server-process.ts';
import { assemble } from '../crash/set-up.ts';
import type { UserAgent } from '../support/user-agent.ts';

export interface Scene {
  readonly gatehouse: Gatehouse;
  readonly clients: Clients;
  readonly running: Running;
  readonly browser: UserAgent;
  readonly machineToken: string;
  readonly userToken: string;
  end(): Promise<void>;
}

export interface UnspentCode {
  readonly code: string;
  readonly code_verifier: string;
}

export async function openScene(more: Record<string, string> = {}): Promise<Scene> {
  const gatehouse = await newHouse({ GATEHOUSE_CODE_SECONDS: '60', ...more });
  const clients = assemble(gatehouse);
  const running = await startServer(gatehouse);
  const browser = await signIn(gatehouse, 'alice');
  const scene = { gatehouse, clients, running, browser };
  const own = await post(gatehouse, '/token', { grant_type: 'client_credentials' }, clients.machine);
  const users = await redeem(scene, await newCode(scene));
  return {
    ...scene,
    machineToken: own.body.access_token,
    userToken: users.body.access_token,
    async end() {
      await running.kill();
      removeHouse(gatehouse);
    },
  };
}

type Opened = Pick<Scene, 'gatehouse' | 'clients' | 'browser'>;

export async function newCode({ gatehouse, clients, browser }: Opened): Promise<UnspentCode> {
  const code_verifier = newVerifier();
  const code = (await authorize(browser, authorizeUrl(gatehouse, clients.app, code_verifier))).get('code');
  if (code === null) throw new Error('no code');
  return { code, code_verifier };
}

export function redeem({ gatehouse, clients }: Opened, unspent: UnspentCode): Promise<Answer> {
  const form = { grant_type: 'authorization_code', redirect_uri: CALLBACK, client_id: clients.app };
  return post(gatehouse, '/token', { ...form, ...unspent });
}

/** One of each kind that needs no write; gives those that were not answered as they should be. */
export async function failedReads({ gatehouse, clients, machineToken, userToken }: Scene): Promise<string[]> {
  const failed: string[] = [];
  for (const path of ['/jwks', '/.well-known/openid-configuration', '/health/live']) {
    if ((await fetch(gatehouse.origin + path)).status !== 200) failed.push(path);
  }
  const introspected = await post(gatehouse, '/introspect', { token: machineToken }, clients.machine);
  if (introspected.body.active !== true) failed.push('/introspect');
  const asked = await fetch(`${gatehouse.origin}/userinfo`, {
    headers: { authorization: `Bearer ${userToken}` },
  });
  if (asked.status !== 200) failed.push('/userinfo');
  return failed;
}

/** How long each of `count` requests took, the 99th percentile in milliseconds. */
export async function p99Ms(count: number, act: () => Promise<unknown>): Promise<number> {
  const durations: number[] = [];
  for (let turn = 0; turn < count; turn += 1) {
    const startMs = performance.now();
    await act();
    durations.push(performance.now() - startMs);
  }
  durations.sort((left, right) => left - right);
  return Math.round((durations[Math.floor(count * 0.99)] ?? 0) * 10) / 10;
}
