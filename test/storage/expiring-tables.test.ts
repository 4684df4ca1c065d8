/** A table whose rows expire has a clean-up rule that deletes them: otherwise each row that was ever written is kept. */
import { expect, it } from 'vitest';
import {
  AS_IN_BACKUP,
  type LifeCycle,
  NEVER_CLEANED,
  NO_PERSONAL_DATA,
} from '../../src/storage/life-cycle.ts';
import { lifeCycles } from '../../src/storage/restore-and-cleanup-rules/index.ts';

/** Tables whose expired rows time does not delete, each with the reason. */
const KEPT: Readonly<Record<string, string>> = {
  client_secrets:
    'a restore reads from the expired ones which secrets ended since; deleted with their client',
};

const expires = (column: string) => column === 'expires_at' || column.endsWith('_expires_at');

/** A rule that sets columns does not count: its rows stay. */
function expiringButKept(lives: readonly LifeCycle[]): string[] {
  return lives
    .filter(({ columns }) => Object.keys(columns).some(expires))
    .filter(({ cleanUp }) => cleanUp.every(({ set }) => set !== undefined))
    .map(({ table }) => table);
}

const toys: LifeCycle = {
  table: 'toys',
  columns: { toy_id: 'key', expires_at: 'backup' },
  cleanUp: NEVER_CLEANED,
  restore: AS_IN_BACKUP,
  personal: NO_PERSONAL_DATA,
};

it('every table with a column expires_at deletes its expired rows, or has a reason to keep them', () => {
  expect(expiringButKept(lifeCycles)).toEqual(Object.keys(KEPT));
});

it('a new table that keeps its expired rows is found, also where a rule only sets columns', () => {
  const deleted = { key: 'toy_id', due: 'lent_expires_at < $1', everyMs: 5000 };
  const blanked = { ...deleted, set: "owner = ''" };
  const lent: LifeCycle = {
    ...toys,
    table: 'lent_toys',
    columns: { toy_id: 'key', lent_expires_at: 'backup' },
    cleanUp: [blanked],
  };
  expect(expiringButKept([toys, lent])).toEqual(['toys', 'lent_toys']);
  expect(expiringButKept([{ ...lent, cleanUp: [blanked, deleted] }])).toEqual([]);
});
