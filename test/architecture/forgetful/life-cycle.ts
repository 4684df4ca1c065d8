/** A table that forgets what becomes of a column or of its rows, and one of another name. Compiled by ../forgetful.test.ts. */
import {
  AS_IN_BACKUP,
  type LifeCycleOf,
  NEVER_CLEANED,
  NO_PERSONAL_DATA,
} from '../../../src/storage/life-cycle.ts';
import type { OneTimeKind } from '../../../src/storage/tables/one-time-kinds-and-retention.ts';

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
  personal: [{ what: 'the toys of a person', kept: 'until they end' }],
};

export const saysThatNothingIsDone: LifeCycleOf<ToyRow> = {
  ...careful,
  cleanUp: NEVER_CLEANED,
  restore: AS_IN_BACKUP,
  personal: NO_PERSONAL_DATA,
};

export const forgetsAColumn: LifeCycleOf<ToyRow> = {
  ...careful,
  // refused: TS2741
  columns: { toy_id: 'key', expires_at: 'backup' },
};

// refused: TS2322
export const forgetsTheCleanUp: LifeCycleOf<ToyRow> = {
  table: careful.table,
  columns: careful.columns,
  restore: AS_IN_BACKUP,
  personal: NO_PERSONAL_DATA,
};

// refused: TS2322
export const forgetsTheRestore: LifeCycleOf<ToyRow> = {
  table: careful.table,
  columns: careful.columns,
  cleanUp: NEVER_CLEANED,
  personal: NO_PERSONAL_DATA,
};

// refused: TS2322
export const forgetsPersonalData: LifeCycleOf<ToyRow> = {
  table: careful.table,
  columns: careful.columns,
  cleanUp: NEVER_CLEANED,
  restore: AS_IN_BACKUP,
};

export const byAgeOrBySetting: LifeCycleOf<ToyRow> = {
  ...careful,
  cleanUp: [
    { key: 'toy_id', madeAgoMs: 1000, everyMs: 5000 },
    { key: 'toy_id', days: 'audit_days', everyMs: 5000 },
  ],
};

export const forgetsWhichRows: LifeCycleOf<ToyRow> = {
  ...careful,
  // refused: TS2322
  cleanUp: [{ key: 'toy_id', everyMs: 5000 }],
};

export const forgetsWhichRowsToBlank: LifeCycleOf<ToyRow> = {
  ...careful,
  // refused: TS2322
  cleanUp: [{ key: 'toy_id', agoMs: 1000, set: "sub = ''", everyMs: 5000 }],
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
