/** A PostgreSQL behind TLS whose certificate nobody here vouches for: what is said, and what lets it in. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext, TLSSocket } from 'node:tls';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDatabase } from '../../src/storage/open-database-by-url.ts';
import { runCommand } from '../support/command.ts';

const DAY_MS = 86_400_000;
/** An ErrorResponse (PostgreSQL, Message Formats): who sees it got through TLS. */
const REFUSAL = Buffer.from('SFATAL\0C28000\0Mwho are you\0\0');

let directory: string;
let server: Server;
let url: string;
const at = (name: string) => join(directory, name);

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-pg-tls-'));
  const notAfterDate = new Date(Date.now() + DAY_MS);
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notAfterDate,
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
  });
  writeFileSync(at('authority.pem'), cert);
  writeFileSync(at('garbage.pem'), 'garbage\n');
  const secureContext = createSecureContext({ cert, key });
  server = createServer((socket) => {
    socket.on('error', () => {});
    // The SSLRequest.
    socket.once('data', () => {
      socket.write('S');
      const secure = new TLSSocket(socket, { isServer: true, secureContext });
      secure.on('error', () => {});
      secure.once('data', () => {
        const head = Buffer.from('E\0\0\0\0');
        head.writeUInt32BE(REFUSAL.length + 4, 1);
        secure.end(Buffer.concat([head, REFUSAL]));
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  url = `postgres://gatehouse:very-secret@localhost:${(server.address() as AddressInfo).port}/gatehouse`;
});
afterAll(() => {
  server.close();
  rmSync(directory, { recursive: true, force: true });
});

async function said(parameters: string, base = url): Promise<string> {
  const db = openDatabase(base + parameters);
  try {
    await db.get('SELECT 1');
    return '';
  } catch (error) {
    return (error as Error).message;
  } finally {
    await db.close();
  }
}

it('one that is not known here is named with its host, and with the line to write', async () => {
  const { port } = new URL(url);
  expect(await said('?sslmode=verify-full')).toMatch(
    new RegExp(
      `^no connection to the database at localhost:${port}: .* sslrootcert=FILE in the URL .*\\(DEPTH_ZERO`,
    ),
  );
  const { code, err } = await runCommand(directory, `${url}?sslmode=require`, ['user', 'list']);
  expect([code, err]).toEqual([1, expect.stringMatching(/^no connection to the database at .*\n$/)]);
  expect(err).not.toMatch(/very-secret|unexpected failure|Warning|WARNING/);
});

it('one whose authority the URL names is accepted under every sslmode that verifies', async () => {
  for (const mode of ['verify-full', 'require', 'prefer', 'verify-ca'])
    expect(await said(`?sslmode=${mode}&sslrootcert=${at('authority.pem')}`)).toContain('28000, who are you');
});

it('one for another host name is refused with that reason', async () => {
  const other = url.replace('localhost', '127.0.0.1');
  expect(await said(`?sslmode=verify-full&sslrootcert=${at('authority.pem')}`, other)).toContain(
    'its certificate is for another name',
  );
});

it.each([
  [
    'sslrootcert=/nowhere.pem',
    "sslrootcert in the database's URL names /nowhere.pem, which cannot be read (ENOENT)",
  ],
  ['sslrootcert=garbage.pem', "sslrootcert (garbage.pem) in the database's URL cannot be used"],
  [
    'sslcert=garbage.pem&sslkey=garbage.pem',
    "sslcert and sslkey (garbage.pem, garbage.pem) in the database's URL",
  ],
])('%s is refused with what it is', async (parameters, sentence) => {
  const { code, err } = await runCommand(directory, `${url}?${parameters}`, ['user', 'list']);
  expect([code, err]).toEqual([1, expect.stringContaining(sentence)]);
  expect(err).not.toMatch(/very-secret|unexpected failure/);
});
