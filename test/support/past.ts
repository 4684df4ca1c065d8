/** Stores thousands of earlier sessions and silent authorizations of one user. */

import type { Clock, Random } from '../../src/lib/clock-and-random.ts';
import { newIdentifier, newSecretValue, storageKey } from '../../src/lib/time-ordered-ids-and-secrets.ts';
import type { Database, Tx } from '../../src/storage/database.ts';
import { findClient } from '../../src/storage/tables/clients.ts';
import { insertGrant } from '../../src/storage/tables/grants.ts';
import { insertSession } from '../../src/storage/tables/sessions.ts';
import { usingDatabase } from '../../src/storage/using-database.ts';

const BATCH = 500;
const HOUR_MS = 3_600_000;

export interface Past {
  readonly sub: string;
  readonly clientIds: readonly string[];
  readonly sessions: number;
  /** Of each client; spread over the sessions. */
  readonly grants: number;
}

interface Gatehouse {
  readonly settings: { readonly database: string };
  readonly clock: Clock;
  readonly random: Random;
}

/** Stores them, all live, spread over the last hour; gives the sids, the oldest first. */
export function storePast(gatehouse: Gatehouse, past: Past): Promise<string[]> {
  // Opened as a command opens it: without a time limit.
  return usingDatabase(gatehouse.settings.database, async (db) => {
    const sids: string[] = [];
    await inBatches(db, past.sessions, async (tx, index) => {
      sids[index] = await storeSession(gatehouse, tx, past, index);
    });
    for (const client_id of past.clientIds) {
      const client_epoch = (await findClient(db, client_id))?.epoch ?? 0;
      await inBatches(db, past.grants, (tx, index) =>
        storeGrant(gatehouse, tx, past, {
          index,
          client_id,
          client_epoch,
          sid: sids[index % sids.length] ?? '',
        }),
      );
    }
    return sids;
  });
}

async function inBatches(
  db: Database,
  count: number,
  store: (tx: Tx, index: number) => Promise<void>,
): Promise<void> {
  for (let start = 0; start < count; start += BATCH) {
    await db.write(async (tx) => {
      for (let index = start; index < Math.min(count, start + BATCH); index += 1) await store(tx, index);
    });
  }
}

function clockAt({ clock }: Gatehouse, share: number): Clock {
  const atMs = clock.nowMs() - HOUR_MS + Math.floor(share * HOUR_MS * 0.9);
  return { nowMs: () => atMs };
}

async function storeSession(gatehouse: Gatehouse, tx: Tx, past: Past, index: number): Promise<string> {
  const clock = clockAt(gatehouse, index / past.sessions);
  const atMs = clock.nowMs();
  const sid = newIdentifier(clock, gatehouse.random);
  await insertSession(tx, {
    sid,
    session_key: storageKey(newSecretValue(clock, gatehouse.random)),
    sub: past.sub,
    auth_time: atMs,
    amr: '["pwd"]',
    address: '192.0.2.1',
    user_agent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0',
    created_at: atMs,
    seen_at: atMs,
    idle_expires_at: atMs + 12 * HOUR_MS,
    expires_at: atMs + 30 * 24 * HOUR_MS,
    ended_at: null,
  });
  return sid;
}

async function storeGrant(
  gatehouse: Gatehouse,
  tx: Tx,
  past: Past,
  {
    index,
    sid,
    ...client
  }: {
    readonly index: number;
    readonly client_id: string;
    readonly client_epoch: number;
    readonly sid: string;
  },
): Promise<void> {
  const clock = clockAt(gatehouse, index / past.grants);
  const atMs = clock.nowMs();
  await insertGrant(tx, {
    grant_id: newIdentifier(clock, gatehouse.random),
    sub: past.sub,
    ...client,
    sid,
    access: '{"scope":["openid"]}',
    outlives_session: 0,
    auth_time: atMs,
    amr: '["pwd"]',
    acr: null,
    created_at: atMs,
    expires_at: atMs + 90 * 24 * HOUR_MS,
    revoked_at: null,
    refresh_generation: 0,
    refresh_salt: 'salt',
    refreshed_at: null,
    refresh_idle_expires_at: atMs + 30 * 24 * HOUR_MS,
    code_binding: null,
    user_epoch: 0,
  });
}
