/** What is read at once is short: files of at most 250 lines, functions of at most 45, most of them far below. */
import { describe, expect, it } from 'vitest';
import { findFunctions } from './functions.ts';
import { files } from './source-files.ts';

const FILE_LINES = 250;
const FUNCTION_LINES = 45;
/** Nine functions of ten are no longer. */
const USUAL_LINES = 15;

const functions = files.flatMap(({ path, text }) =>
  findFunctions(path, text).map((one) => ({ path, ...one })),
);

/** These hold what the functions within them share, and are longer with them; of their own none is above the bound. */
const HOLDING_STATE = [
  'audit/write-in-transaction-or-batch.ts createAudit',
  'commands/server/worker-processes.ts superviseWorker',
  'commands/server/write-or-drop-log-lines.ts createLogOutput',
  'http/fair-queue.ts createFairQueue',
  'http/limit-connections.ts createConnectionCap',
  'http/limit-requests-in-progress.ts createUnderWay',
  'identity/passwords/hash-in-child-process.ts createHashingChild',
  'lib/bounded-priority-work-queue.ts createBoundedQueue',
  'notify/delivery-queue.ts createDeliveryQueue',
  'oauth/clients/cached-client-lookups.ts createClients',
  'oauth/keys/batched-signer.ts createSigningThread',
  'oauth/keys/signing-and-published-keys.ts createKeySet',
  'outbound/concurrency-limits.ts createSlots',
  'outbound/resolve-host-names.ts createNames',
  'storage/cleanup.ts createCleanUp',
  'storage/postgres/change-notifications.ts follow',
  'storage/postgres/connections.ts createConnections',
  'storage/postgres/open.ts openPostgres',
  'storage/sqlite/wal-sync.ts createLogSync',
];

describe('the sizes of src/', () => {
  it('no file is above 250 lines, and none has a catch-all name', () => {
    const long = files.filter(({ text }) => text.trimEnd().split('\n').length > FILE_LINES);
    expect(long.map(({ path }) => path)).toEqual([]);
    const banned = /(^|\/|-)(helpers?|utils?|common|shared|misc|manager|service|base|impl)(\.|-|\/)/;
    expect(files.filter(({ path }) => banned.test(path)).map(({ path }) => path)).toEqual([]);
  });

  it('no file is empty', () => {
    expect(files.filter(({ text }) => text.trim() === '').map(({ path }) => path)).toEqual([]);
  });

  it('no function is above 45 lines, without the functions within it', () => {
    const long = functions.filter(({ own }) => own > FUNCTION_LINES);
    expect(long.map(({ path, name, own }) => `${path} ${name}: ${own}`)).toEqual([]);
  });

  it('only listed functions are above 45 lines with the functions within them, whose state they hold', () => {
    const long = functions.filter(({ lines }) => lines > FUNCTION_LINES);
    expect(long.map(({ path, name }) => `${path} ${name}`).sort()).toEqual(HOLDING_STATE);
  });

  it('nine functions of ten have 15 lines at the most', () => {
    const lengths = functions.map(({ own }) => own).sort((one, other) => one - other);
    expect(lengths[Math.ceil(0.9 * lengths.length) - 1]).toBeLessThanOrEqual(USUAL_LINES);
  });
});

describe('the counting of functions', () => {
  it('counts declarations, methods and functions with a name or a body, but not inline arguments', () => {
    const text = [
      'function outer() {',
      '  const inner = () => {',
      '    go();',
      '  };',
      '  return { method() {', //
      '    inner();',
      '  } };',
      '}',
      'const short = (list) => list.map((one) => one.name);',
    ].join('\n');
    expect(
      findFunctions('one.ts', text).map(({ name, line, lines, own }) => [name, line, lines, own]),
    ).toEqual(
      expect.arrayContaining([
        ['outer', 1, 8, 2],
        ['inner', 2, 3, 3],
        ['method', 5, 3, 3],
        ['short', 9, 1, 1],
      ]),
    );
    expect(findFunctions('one.ts', text)).toHaveLength(4);
  });
});
