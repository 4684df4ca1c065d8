import { expect, it } from 'vitest';
import { readUrl } from '../../src/storage/postgres/url.ts';

const sentence =
  /^the database's URL cannot be read; write postgres:.* percent-encoded \(%23 for #, %25 for %/;

it.each([
  'abc%def',
  's3cr3t@hunter2/x',
  'p@ss/w:rd#1?',
  '12/34',
  '12?34',
  '12#34',
  'abc/def',
  'abc#def',
  'a:b/c',
])('a password of %s as it is: what to write is said, and no piece of it', (password) => {
  const read = () => readUrl(`postgres://gatehouse:${password}@127.0.0.1/gatehouse`);
  expect(read).toThrow(sentence);
  expect(read).not.toThrow(/hunter2|ss\/|abc|34/);
});

it.each([
  'postgres://gatehouse:abc%25def%40%2F@127.0.0.1:5432/gatehouse?pool_size=3',
  'postgres://gatehouse:p@ss@127.0.0.1/gatehouse',
  'postgres:///gatehouse?host=/var/run/postgresql&user=me%40home',
  'postgres://h/db?application_name=me@home',
])('%s is read', (url) => {
  expect(readUrl(url).max).toBeGreaterThan(0);
});
