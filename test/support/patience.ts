/** A database that retries where the time limit was exceeded: a busy machine must not fail a test. */
import type { Database } from '../../src/storage/database.ts';
import { StorageUnavailableError } from '../../src/storage/storage-errors.ts';

const ATTEMPTS = 20;

export function patient(db: Database): Database {
  return {
    ...db,
    get: (sql, ...parameters) => untilAnswered(() => db.get(sql, ...parameters)),
    all: (sql, ...parameters) => untilAnswered(() => db.all(sql, ...parameters)),
    write: (body) => untilAnswered(() => db.write(body)),
  };
}

async function untilAnswered<Result>(ask: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof StorageUnavailableError) || attempt === ATTEMPTS) throw error;
    }
  }
}
