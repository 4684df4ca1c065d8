/** oidc-provider's adapter over better-sqlite3 with synchronous=FULL: one table, prepared statements. */
import SqliteDatabase from 'better-sqlite3';
import type { Adapter, AdapterPayload } from 'oidc-provider';

export function createAdapterFactory(file: string): (model: string) => Adapter {
  const db = new SqliteDatabase(file);
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  db.exec(`CREATE TABLE IF NOT EXISTS payloads (
    model TEXT NOT NULL, id TEXT NOT NULL, payload TEXT NOT NULL, grant_id TEXT, user_code TEXT, uid TEXT,
    expires_at INTEGER, consumed_at INTEGER, PRIMARY KEY (model, id)) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS by_grant ON payloads (grant_id) WHERE grant_id IS NOT NULL;
    CREATE INDEX IF NOT EXISTS by_uid ON payloads (uid) WHERE uid IS NOT NULL`);
  const upsert = db.prepare(
    `INSERT INTO payloads (model, id, payload, grant_id, user_code, uid, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (model, id) DO UPDATE SET payload = excluded.payload, expires_at = excluded.expires_at`,
  );
  const byId = db.prepare('SELECT * FROM payloads WHERE model = ? AND id = ?');
  const byUid = db.prepare('SELECT * FROM payloads WHERE model = ? AND uid = ?');
  const byUserCode = db.prepare('SELECT * FROM payloads WHERE model = ? AND user_code = ?');
  const consume = db.prepare('UPDATE payloads SET consumed_at = ? WHERE model = ? AND id = ?');
  const destroy = db.prepare('DELETE FROM payloads WHERE model = ? AND id = ?');
  const revoke = db.prepare('DELETE FROM payloads WHERE grant_id = ?');

  return (model) => ({
    async upsert(id, payload, expiresIn) {
      const expires_at = expiresIn ? nowSeconds() + expiresIn : null;
      const { grantId = null, userCode = null, uid = null } = payload;
      upsert.run(model, id, JSON.stringify(payload), grantId, userCode, uid, expires_at);
    },
    find: async (id) => toPayload(byId.get(model, id)),
    findByUid: async (uid) => toPayload(byUid.get(model, uid)),
    findByUserCode: async (userCode) => toPayload(byUserCode.get(model, userCode)),
    consume: async (id) => void consume.run(nowSeconds(), model, id),
    destroy: async (id) => void destroy.run(model, id),
    revokeByGrantId: async (grantId) => void revoke.run(grantId),
  });
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

function toPayload(row: unknown): AdapterPayload | undefined {
  const found = row as { payload: string; expires_at: number | null; consumed_at: number | null } | undefined;
  if (!found || (found.expires_at !== null && found.expires_at <= nowSeconds())) return undefined;
  const consumed = found.consumed_at === null ? {} : { consumed: found.consumed_at };
  return { ...JSON.parse(found.payload), ...consumed };
}
