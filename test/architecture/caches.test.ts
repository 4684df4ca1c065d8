import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const source = fileURLToPath(new URL('../../src/', import.meta.url));
const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => ({ path, text: readFileSync(join(source, path), 'utf8') }));

/** Maps and sets that fill up while the server runs, and what bounds each. */
const FILLED_LATER: Readonly<Record<string, string>> = {
  'audit/count-refusals.ts': 'so many kinds a minute, counted there',
  'commands/server/merge-worker-metrics.ts': 'one for each worker, and each answer that is waited for',
  'config/load-settings.ts': 'variables of one start',
  'config/parse-settings-yaml.ts': 'of one file',
  'gatehouse.ts': 'weak: gone with the verified token, the settings or the keys that it belongs to',
  'http/limit-connections.ts': 'max_connections',
  'http/graceful-stop.ts': 'max_connections',
  'http/count-connections-by-address.ts': 'addresses that hold a socket: max_connections',
  'http/queue-excess-requests-per-address.ts': 'what each of max_connections may have under way',
  'http/create-server-with-limits.ts': 'one for each cap',
  'http/fair-queue.ts': 'what each of max_connections may have under way; and weak: gone with the socket',
  'http/limit-requests-in-progress.ts': 'four for each socket; and weak: gone with the socket or the request',
  'identity/groups-and-roles.ts': 'of one call',
  'identity/passwords/hash-in-child-process.ts': 'the queue before it (lib/bounded-priority-work-queue.ts)',
  'lib/parse-untrusted-json.ts': 'of one text',
  'notify/delivery-queue.ts': 'rows of the outbox that are under way',
  'oauth/clients/working-encryption-key.ts': 'weak: gone with the client that is remembered',
  'http/pages/who-may-open-page.ts': 'weak: the pages of the table',
  'oauth/clients/cached-client-jwks.ts': 'weak: gone with the key set that is remembered',
  'oauth/clients/public-key.ts': 'weak: gone with the key set that is remembered',
  'oauth/keys/erase-former-keys.ts': 'our own keys',
  'oauth/keys/signing-and-published-keys.ts': 'our own keys',
  'oauth/page-models/end-one-or-every-session.ts': 'of one call',
  'oauth/parameters.ts': 'of one request',
  'outbound/resolver-files.ts': 'lines of a file of the machine’s operator',
  'outbound/resolve-host-names.ts': 'names that are looked up now (places.ts)',
  'outbound/concurrency-limits.ts': 'requests and lookups that are under way or wait: bounded there',
  'storage/sqlite/group-commit.ts': 'one commit and its flush',
  'storage/sqlite/objects-kept-from-garbage-collection.ts': 'what this process opened and prepared',
  'storage/postgres/open.ts': 'one',
  'storage/postgres/connections.ts': 'connections to the database',
  'storage/postgres/run-prepared-statements.ts': 'texts of statements, which stand in the code',
  'storage/postgres/transactions.ts': 'weak: gone with the transaction',
  'storage/sqlite/prepare-and-run-sql.ts': 'texts of statements, which stand in the code',
  'storage/sqlite/inspect-file.ts': 'of one call',
  'storage/register-unfinished-files.ts': 'of one command',
};

it('data of unauthenticated clients is cached only in the cache that is bounded in bytes', () => {
  const users = files.filter(({ text }) => /from 'lru-cache'/.test(text)).map(({ path }) => path);
  expect(users).toEqual(['lib/bounded-cache.ts']);
});

it('every other map and set that grows is listed, with its bound', () => {
  const filled = files
    .filter(({ text }) => /new (Weak)?(Map|Set)(<[^(]*>)?\(\)/.test(text))
    .map(({ path }) => path);
  expect(filled.filter((path) => FILLED_LATER[path] === undefined)).toEqual([]);
});
