/** Fills a database with the grants of an installation that has run for a long time: refreshable, of many users. */
import SqliteDatabase from 'better-sqlite3';
import { createSystemRandom } from '../src/lib/clock-and-random.ts';
import { newIdentifier } from '../src/lib/time-ordered-ids-and-secrets.ts';
import { app } from './clients.ts';

const USERS = 10_000;
const BATCH = 10_000;
const AGE_MS = 86_400_000;

/** Adds grants until there are `count`; the server must be stopped. */
export function storeGrants(file: string, count: number): void {
  const db = new SqliteDatabase(file);
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF');
  const random = createSystemRandom();
  const nowMs = Date.now();
  const subs = storeUsers(db, nowMs);
  const insert = db.prepare(
    `INSERT INTO grants (grant_id, sub, client_id, sid, access, auth_time, amr, created_at, expires_at,
       refresh_generation, refresh_salt, refresh_idle_expires_at)
     VALUES (?, ?, ?, ?, '{"scope":["openid"]}', ?, '["pwd"]', ?, ?, 0, ?, ?)`,
  );
  const present = (db.prepare('SELECT count(*) AS n FROM grants').get() as { n: number }).n;
  const salt = random.bytes(16).toString('base64url');
  for (let done = present; done < count; done += BATCH) {
    db.transaction(() => {
      for (let index = done; index < Math.min(count, done + BATCH); index += 1) {
        // Older than every row of the run itself, and in chronological order.
        const atMs = nowMs - AGE_MS + Math.floor((index / count) * AGE_MS * 0.9);
        const clock = { nowMs: () => atMs };
        const [grant_id, sid] = [newIdentifier(clock, random), newIdentifier(clock, random)];
        const endMs = nowMs + 30 * AGE_MS;
        const sub = subs[index % USERS];
        insert.run(grant_id, sub, app.client_id, sid, atMs, atMs, endMs, salt, endMs);
      }
    })();
  }
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  db.close();
}

function storeUsers(db: SqliteDatabase.Database, nowMs: number): string[] {
  const insert = db.prepare(
    `INSERT OR IGNORE INTO users (sub, username, username_key, claims, created_at, updated_at)
     VALUES (?, ?, ?, '{}', ?, ?)`,
  );
  const subs = Array.from({ length: USERS }, (_unused, index) => `stored-user-${index}`.padEnd(36, '-'));
  db.transaction(() => {
    for (const sub of subs) insert.run(sub, sub, sub, nowMs, nowMs);
  })();
  return subs;
}
