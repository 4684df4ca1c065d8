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

it.each([
  ['ssl_mode=verify-full', "unknown parameter ssl_mode in the database's URL; did you mean sslmode?"],
  ['sslMode=verify-full', "unknown parameter sslMode in the database's URL; did you mean sslmode?"],
  ['SSLMODE=verify-full', "unknown parameter SSLMODE in the database's URL; did you mean sslmode?"],
  ['pool_siez=2', "unknown parameter pool_siez in the database's URL; did you mean pool_size?"],
  [
    'channel_binding=require',
    "unknown parameter channel_binding in the database's URL; nothing here reads it: take it out",
  ],
  [
    'sslmode=verify_full',
    "sslmode in the database's URL must be disable, no-verify, prefer, require, verify-ca or verify-full",
  ],
  [
    'sslmode=',
    "sslmode in the database's URL must be disable, no-verify, prefer, require, verify-ca or verify-full",
  ],
  ['ssl=', "ssl in the database's URL must be true, 1, 0 or no-verify"],
  ['sslmode=verify-full&sslmode=disable', "sslmode stands twice in the database's URL"],
])('%s would leave the connection as nobody meant it, and is refused by name', (parameters, sentence) => {
  const read = () => readUrl(`postgres://gatehouse:hunter2@db.internal/gatehouse?${parameters}`);
  expect(read).toThrow(sentence);
  expect(read).not.toThrow(/hunter2|db\.internal/);
});

it('a piece of a password that looks like a parameter is not shown', () => {
  for (const password of ['12?hunter=a', '12?hunter&x'])
    expect(() => readUrl(`postgres://gatehouse:${password}@127.0.0.1/gatehouse`)).toThrow(sentence);
  expect(() => readUrl('postgres://db/gatehouse?Hunter-2!x=1')).not.toThrow(/hunter/i);
});

it('whatever node-postgres reads may stand there, once', () => {
  const parameters =
    'user=me&password=it&host=/run&port=5433&ssl=true&sslmode=disable&sslnegotiation=postgres&uselibpqcompat=true&' +
    'client_encoding=utf8&application_name=a&fallback_application_name=b&statement_timeout=1&lock_timeout=1&' +
    'idle_in_transaction_session_timeout=1&query_timeout=1&options=-c%20a%3Db&pool_size=2&pool_mode=transaction';
  expect(readUrl(`postgres:///gatehouse?${parameters}`).max).toBe(2);
});
