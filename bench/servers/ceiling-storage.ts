/** Four tables and a group commit at synchronous=FULL: the minimum of a durable server. */
import SqliteDatabase, { type Statement } from 'better-sqlite3';

export interface Storage {
  readonly statements: Readonly<Record<StatementName, Statement>>;
  /** Runs the work in the transaction of this turn of the event loop; resolves after its commit. */
  write<Result>(work: () => Result): Promise<Result>;
}

const texts = {
  insertGrant: 'INSERT INTO grants (grant_id, sub, client_id, scope) VALUES (?, ?, ?, ?)',
  findGrant: 'SELECT * FROM grants WHERE grant_id = ?',
  insertCode: 'INSERT INTO codes (code_key, grant_id, payload, expires_at) VALUES (?, ?, ?, ?)',
  consumeCode: `UPDATE codes SET consumed_at = ? WHERE code_key = ? AND consumed_at IS NULL AND expires_at > ?
    RETURNING grant_id, payload`,
  insertFamily: 'INSERT INTO families (family_key, grant_id, generation) VALUES (?, ?, 0)',
  rotateFamily:
    'UPDATE families SET generation = generation + 1 WHERE family_key = ? AND generation = ? RETURNING grant_id',
  revokeFamily: 'DELETE FROM families WHERE family_key = ? RETURNING grant_id',
  deleteGrant: 'DELETE FROM grants WHERE grant_id = ?',
  insertRevoked: 'INSERT OR IGNORE INTO revoked (jti) VALUES (?)',
  findRevoked: 'SELECT 1 FROM revoked WHERE jti = ?',
  findSession: 'SELECT sub FROM sessions WHERE session_key = ?',
  insertSession: 'INSERT OR REPLACE INTO sessions (session_key, sub) VALUES (?, ?)',
} as const;
export type StatementName = keyof typeof texts;

const schema = `
  CREATE TABLE grants (grant_id TEXT PRIMARY KEY, sub TEXT, client_id TEXT, scope TEXT) WITHOUT ROWID;
  CREATE TABLE codes (code_key TEXT PRIMARY KEY, grant_id TEXT, payload TEXT, expires_at INTEGER,
    consumed_at INTEGER) WITHOUT ROWID;
  CREATE TABLE families (family_key TEXT PRIMARY KEY, grant_id TEXT, generation INTEGER) WITHOUT ROWID;
  CREATE TABLE revoked (jti TEXT PRIMARY KEY) WITHOUT ROWID;
  CREATE TABLE sessions (session_key TEXT PRIMARY KEY, sub TEXT) WITHOUT ROWID`;

export function openStorage(file: string): Storage {
  const db = new SqliteDatabase(file);
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  db.exec(schema);
  const prepared = Object.entries(texts).map(([name, text]) => [name, db.prepare(text)]);
  let after: (() => void)[] | undefined;

  function begin(): (() => void)[] {
    db.exec('BEGIN IMMEDIATE');
    const waiting: (() => void)[] = [];
    setImmediate(() => {
      db.exec('COMMIT');
      after = undefined;
      for (const done of waiting) done();
    });
    return waiting;
  }
  return {
    statements: Object.fromEntries(prepared) as Record<StatementName, Statement>,
    write(work) {
      after ??= begin();
      const waiting = after;
      const result = work();
      return new Promise((resolve) => waiting.push(() => resolve(result)));
    },
  };
}
