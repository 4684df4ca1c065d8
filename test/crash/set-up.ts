/** Users, clients and a signed-in browser, through the commands and pages that everybody has. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { accountPolicy } from '../../src/identity/attempts/throttle-policies.ts';
import { CALLBACK, type Clients, PASSWORD, signIn } from './client.ts';
import { newLedger } from './ledger.ts';
import { command, type Gatehouse } from './server-process.ts';
import { attackAccount, type Work } from './workload.ts';

export function assemble(gatehouse: Gatehouse): Clients {
  for (const username of ['alice', 'bob', 'victim']) {
    command(gatehouse, ['user', 'create', '--username', username, '--password-stdin'], `${PASSWORD}\n`);
  }
  return {
    app: newClient(gatehouse, {
      ...browserApp,
      grant_types: ['authorization_code', 'refresh_token'],
      client_name: 'App',
    }).client_id,
    shy: newShyClient(gatehouse),
    machine: newClient(gatehouse, { client_name: 'Machine', grant_types: ['client_credentials'] }),
  };
}

const browserApp = { redirect_uris: [CALLBACK], token_endpoint_auth_method: 'none', scope: 'openid' };

/** One whose consent is given and taken back. */
export function newShyClient(gatehouse: Gatehouse): string {
  return newClient(gatehouse, { ...browserApp, client_name: `Shy ${randomUUID()}` }).client_id;
}

function newClient(gatehouse: Gatehouse, metadata: object): Clients['machine'] {
  return command(
    gatehouse,
    ['client', 'create', '--metadata', '-'],
    JSON.stringify(metadata),
  ) as Clients['machine'];
}

/** The server must run. */
export async function newWork(gatehouse: Gatehouse, clients: Clients): Promise<Work> {
  const ledger = newLedger();
  ledger.consents.push({ client_id: clients.shy, state: 'none' });
  return { gatehouse, clients, ledger, browser: await signIn(gatehouse, 'alice'), isOver: false };
}

const LONG = 13;

/**
 * The victim as after a long attack, on SQLite: the next wrong password locks it for minutes, where waiting for that
 * would take minutes too.
 */
export async function attackForLong(work: Work): Promise<void> {
  const { gatehouse, ledger } = work;
  const known = accountPolicy.free - 1;
  while (ledger.lock.failures < known) await attackAccount(work);
  const db = new SqliteDatabase(join(gatehouse.directory, 'data', 'gatehouse.db'));
  const sql = `UPDATE throttles SET attempts = ? WHERE throttle_key LIKE 'account:%' AND attempts = ?`;
  const { changes } = db.prepare(sql).run(LONG, known);
  db.close();
  if (changes !== 1) throw new Error(`${changes} accounts are under attack, and not one`);
  Object.assign(ledger.lock, { failures: LONG, mostFailures: LONG });
}
