/** Users, clients and a signed-in browser, through the commands and pages that everybody has. */
import { CALLBACK, type Clients, PASSWORD, signIn } from './client.ts';
import { newLedger } from './ledger.ts';
import { command, type House } from './server-process.ts';
import type { Work } from './workload.ts';

export function furnish(house: House): Clients {
  for (const username of ['alice', 'bob', 'victim']) {
    command(house, ['user', 'create', '--username', username, '--password-stdin'], `${PASSWORD}\n`);
  }
  const create = (metadata: object) =>
    command(house, ['client', 'create', '--metadata', '-'], JSON.stringify(metadata)) as Clients['machine'];
  const browserApp = { redirect_uris: [CALLBACK], token_endpoint_auth_method: 'none', scope: 'openid' };
  const refreshing = { ...browserApp, grant_types: ['authorization_code', 'refresh_token'] };
  return {
    app: create({ ...refreshing, client_name: 'App' }).client_id,
    shy: create({ ...browserApp, client_name: 'Shy' }).client_id,
    machine: create({ client_name: 'Machine', grant_types: ['client_credentials'] }),
  };
}

/** The server must run. */
export async function newWork(house: House, clients: Clients): Promise<Work> {
  const ledger = newLedger();
  ledger.consents.push({ client_id: clients.shy, state: 'none' });
  return { house, clients, ledger, browser: await signIn(house, 'alice'), isOver: false };
}
