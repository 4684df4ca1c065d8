import { expect, it } from 'vitest';
import { asUnavailable } from '../../src/storage/postgres/errors.ts';
import { StorageUnavailableError } from '../../src/storage/storage-errors.ts';

const said = (code: string) => asUnavailable(Object.assign(new Error('sorry'), { code }), () => 'db:5432');

it.each([
  ['53300', 'answers, and has no connection left: raise its max_connections, or lower pool_size'],
  ['25006', 'answers, and takes no writes: it is a standby'],
  ['53100', 'answers, and its disk is full'],
  ['57P03', 'answers, and is starting'],
  ['ECONNREFUSED', 'does not answer (ECONNREFUSED); look whether it runs there'],
  ['08006', 'does not answer (08006)'],
])('%s: the database %s', (code, sentence) => {
  expect(said(code)).toBeInstanceOf(StorageUnavailableError);
  expect((said(code) as Error).message).toContain(`the database at db:5432 ${sentence}`);
});
