/** What every engine must do; one suite, run on each. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSystemRandom, systemClock } from '../../src/lib/clock-and-random.ts';
import { newIdentifier, newSecretValue, storageKey } from '../../src/lib/time-ordered-ids-and-secrets.ts';
import type { Database } from '../../src/storage/database.ts';
import { migrate, readMigrations } from '../../src/storage/migrate.ts';
import { openDatabase } from '../../src/storage/open-database-by-url.ts';
import { raiseRevision, readInstallationState } from '../../src/storage/revision-and-restore-times.ts';
import { deleteLeavingClient } from '../../src/storage/tables/client-deletion.ts';
import { findClient, insertClient } from '../../src/storage/tables/clients.ts';
import { findConsent, putConsent } from '../../src/storage/tables/consents.ts';
import { findGrantStanding } from '../../src/storage/tables/grant-standing.ts';
import { findGrant, insertGrant, revokeGrant, rotateRefreshToken } from '../../src/storage/tables/grants.ts';
import {
  deleteGroup,
  insertGroup,
  insertMember,
  listMembers,
} from '../../src/storage/tables/groups-and-members.ts';
import { listMembership } from '../../src/storage/tables/groups-and-roles-of-users.ts';
import { consumeOneTime, insertOneTime } from '../../src/storage/tables/one-time.ts';
import { findResource, replaceResources } from '../../src/storage/tables/resources.ts';
import { spendJti } from '../../src/storage/tables/spent-jtis.ts';
import { findThrottle, putThrottle } from '../../src/storage/tables/throttles.ts';
import { insertRole } from '../../src/storage/tables/user-roles.ts';
import { insertUser } from '../../src/storage/tables/users.ts';
import { hasPgBouncer, startBehindPgBouncer } from '../support/pgbouncer.ts';
import { startPostgres } from '../support/postgres.ts';

const migrations = readMigrations(new URL('../../migrations/', import.meta.url));
const random = createSystemRandom();
const nowMs = systemClock.nowMs();
const HANDS = 20;

interface Engine {
  readonly url: string;
  stop(): Promise<void>;
}

async function sqlite(): Promise<Engine> {
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-contract-'));
  return {
    url: `sqlite:${join(directory, 'gatehouse.db')}`,
    stop: async () => rmSync(directory, { recursive: true, force: true }),
  };
}

const engines: readonly (readonly [string, () => Promise<Engine>])[] = [
  ['SQLite', sqlite],
  ['PostgreSQL', startPostgres],
  ...(hasPgBouncer
    ? [['PostgreSQL behind PgBouncer in transaction mode', startBehindPgBouncer] as const]
    : []),
];

describe.each(engines)('%s', (_name, start) => {
  let engine: Engine;
  let db: Database;
  const client_id = 'client';
  const sub = 'sub';
  const times = { created_at: nowMs, updated_at: nowMs, disabled_at: null };
  const emptyClient = {
    profile: 'oauth2.1',
    metadata: '{}',
    registration_token: null,
    used_at: null,
    ...times,
  };

  beforeAll(async () => {
    engine = await start();
    db = openDatabase(engine.url);
    await migrate(db, migrations, systemClock);
    await db.write(async (tx) => {
      await insertClient(tx, { client_id, ...emptyClient });
      await insertUser(tx, {
        sub,
        username: 'a',
        username_key: 'a',
        email: null,
        email_key: null,
        claims: '{}',
        ...times,
      });
    });
  });
  afterAll(async () => {
    await db.close();
    await engine.stop();
  });

  async function newGrant(): Promise<string> {
    const grant_id = newIdentifier(systemClock, random);
    const row = {
      grant_id,
      sub,
      client_id,
      sid: null,
      access: '{"scope":["openid"]}',
      outlives_session: 0,
      auth_time: nowMs,
      amr: '[]',
      acr: null,
    };
    await db.write((tx) =>
      insertGrant(tx, {
        ...row,
        created_at: nowMs,
        expires_at: nowMs + 60_000,
        revoked_at: null,
        refresh_generation: 0,
        refresh_salt: 's',
        refreshed_at: null,
        code_binding: null,
        user_epoch: 0,
        client_epoch: 0,
        refresh_idle_expires_at: nowMs + 60_000,
      }),
    );
    return grant_id;
  }

  it('migrations are applied once, also when several processes start at once', async () => {
    const others = [openDatabase(engine.url), openDatabase(engine.url)];
    const applied = await Promise.all(others.map((other) => migrate(other, migrations, systemClock)));
    expect(applied).toEqual([[], []]);
    await Promise.all(others.map((other) => other.close()));
  });

  it('milliseconds come back as numbers', async () => {
    const row = await findClient(db, client_id);
    expect(row?.created_at).toBe(nowMs);
    expect(row?.disabled_at).toBeNull();
  });

  it('a body that fails rolls back alone', async () => {
    const before = (await readInstallationState(db)).revision;
    const failing = db.write(async (tx) => {
      await raiseRevision(tx);
      throw new Error('on purpose');
    });
    await expect(failing).rejects.toThrow('on purpose');
    await db.write(raiseRevision);
    expect((await readInstallationState(db)).revision).toBe(before + 1);
  });

  it('a one-time value is consumed by one of many at once', async () => {
    const value_key = storageKey(newSecretValue(systemClock, random));
    const grant_id = await newGrant();
    await db.write((tx) =>
      insertOneTime(tx, { kind: 'code', value_key, grant_id, payload: '{}', expires_at: nowMs + 60_000 }),
    );
    const won = await Promise.all(
      Array.from({ length: HANDS }, () => db.write((tx) => consumeOneTime(tx, 'code', value_key, nowMs))),
    );
    expect(won.filter(Boolean)).toHaveLength(1);
  });

  it('A043 a jti is spent by one of many at once', async () => {
    const row = { jti_key: 'one', expires_at: 9 };
    const spent = await Promise.all(Array.from({ length: HANDS }, () => db.write((tx) => spendJti(tx, row))));
    expect(spent.filter((isFirst) => isFirst)).toHaveLength(1);
  });

  it('A023 an expired one-time value cannot be consumed', async () => {
    const value_key = storageKey(newSecretValue(systemClock, random));
    const grant_id = await newGrant();
    const expires_at = nowMs + 60_000;
    await db.write((tx) =>
      insertOneTime(tx, { kind: 'code', value_key, grant_id, payload: '{}', expires_at }),
    );
    expect(await db.write((tx) => consumeOneTime(tx, 'code', value_key, expires_at))).toBeUndefined();
    expect(await db.write((tx) => consumeOneTime(tx, 'code', value_key, expires_at - 1))).toBeDefined();
  });

  it('a refresh generation is rotated by one of many at once', async () => {
    const grant_id = await newGrant();
    const spent = { grant_id, generation: 0, idle_expires_at: nowMs + 60_000 };
    const won = await Promise.all(
      Array.from({ length: HANDS }, () => db.write((tx) => rotateRefreshToken(tx, spent, nowMs))),
    );
    expect(won.filter(Boolean)).toHaveLength(1);
    expect((await findGrant(db, grant_id))?.refresh_generation).toBe(1);
  });

  it('read, then write is exact under many at once', async () => {
    const key = 'counted';
    const count = () =>
      db.write(async (tx) => {
        const attempts = ((await findThrottle(tx, key, nowMs))?.attempts ?? 0) + 1;
        await putThrottle(tx, { throttle_key: key, attempts, window_started_at: nowMs, blocked_until: 0 });
      });
    await Promise.all(Array.from({ length: 8 }, count));
    expect((await findThrottle(db, key, nowMs))?.attempts).toBe(8);
  });

  it('a resource is found in both spellings of an empty path, and one of two that register it at once has it', async () => {
    const spellings = ['https://host.test', 'https://host.test/'];
    const made = await Promise.all(
      spellings.map((resource) =>
        db.write(async (tx) => {
          if (await findResource(tx, resource)) return undefined;
          const owner = `owner of ${resource}`;
          await insertClient(tx, { ...emptyClient, client_id: owner });
          await replaceResources(tx, owner, [resource]);
          return { resource, client_id: owner };
        }),
      ),
    );
    const [row, ...others] = made.filter((one) => one !== undefined);
    expect(others).toEqual([]);
    for (const resource of spellings) expect(await findResource(db, resource)).toEqual(row);
    expect(await findResource(db, 'https://host.test/path')).toBeUndefined();
    // Of one who has both, the one that is asked for.
    await db.write((tx) => replaceResources(tx, row?.client_id ?? '', spellings));
    for (const resource of spellings) expect((await findResource(db, resource))?.resource).toBe(resource);
  });

  it('groups and roles of a person are one read, and go with the group and the person', async () => {
    const group = { group_name: 'Staff', group_key: 'staff', description: null, created_at: nowMs };
    const names = async () =>
      (await listMembership(db, sub)).map(({ kind, name }) => `${kind} ${name}`).sort();
    await db.write(async (tx) => {
      await insertGroup(tx, group);
      expect(await insertMember(tx, sub, 'Staff')).toBe(true);
      expect(await insertMember(tx, sub, 'Staff')).toBe(false);
      for (const role of ['admin', 'admin']) await insertRole(tx, sub, role);
    });
    expect(await names()).toEqual(['group Staff', 'role admin']);
    expect(await listMembers(db, 'Staff', { after: '', limit: 9 })).toEqual([{ sub, username: 'a' }]);
    await db.write((tx) => deleteGroup(tx, 'Staff'));
    expect(await names()).toEqual(['role admin']);
  });

  it('a consent keeps the claims that were allowed one by one', async () => {
    const row = { sub, client_id, created_at: nowMs, updated_at: nowMs };
    for (const access of ['{"scope":["openid"]}', '{"scope":["openid"],"claims":["name"]}']) {
      await db.write((tx) => putConsent(tx, { ...row, access }));
      expect(await findConsent(db, sub, client_id)).toEqual({ ...row, access });
    }
  });

  it('the revocation of a grant is seen at once, and the grant is deleted with its client', async () => {
    const grant_id = await newGrant();
    expect((await findGrantStanding(db, grant_id))?.revoked_at).toBeNull();
    await db.write((tx) => revokeGrant(tx, grant_id, nowMs));
    expect((await findGrantStanding(db, grant_id))?.revoked_at).toBe(nowMs);
    await db.write((tx) => deleteLeavingClient(tx, { client_id, created_at: nowMs }));
    expect(await findGrantStanding(db, grant_id)).toBeUndefined();
  });

  it('the engine finds nothing wrong with itself', async () => {
    expect((await db.inspect()).findings).toEqual([]);
  });
});
