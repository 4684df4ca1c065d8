/** A table that forgets what becomes of a column, and one of another name. Compiled by ../forgetful.test.ts. */
import type { LifeCycleOf } from '../../../src/storage/life-cycle.ts';
import type { OneTimeKind } from '../../../src/storage/tables/one-time-kinds.ts';

interface ToyRow {
  toy_id: string;
  sub: string;
  expires_at: number;
}

export const careful: LifeCycleOf<ToyRow> = {
  table: 'toys',
  columns: { toy_id: 'key', sub: 'backup', expires_at: 'ends' },
  dependsOn: { sub: { table: 'users', ends: 'cascade' } },
  cleanUp: [{ key: 'toy_id', due: 'expires_at < $1', everyMs: 5000 }],
  restore: { ends: { by: 'expires_at' } },
};

export const forgetsAColumn: LifeCycleOf<ToyRow> = {
  table: 'toys',
  // refused: TS2741
  columns: { toy_id: 'key', expires_at: 'backup' },
};

export const namesAnother: LifeCycleOf<ToyRow> = {
  ...careful,
  // refused: TS2353
  dependsOn: { user: { table: 'users', ends: 'cascade' } },
  // refused: TS2322
  cleanUp: [{ key: 'toy', due: 'expires_at < $1', everyMs: 5000 }],
  // refused: TS2322
  restore: { ends: { by: 'ended_at' } },
};

// refused: TS2322
export const undeclaredKind: OneTimeKind = 'toy_link';
