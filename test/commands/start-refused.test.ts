/** What an operator reads where a start fails: what was seen, and what to write instead. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCommand } from '../support/command.ts';
import { freePort } from '../support/free-port.ts';

const pem = (name: string) => fileURLToPath(new URL(`../http/tls/${name}.pem`, import.meta.url));

let directory: string;
let busy: Server;
let busyPort: number;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-refused-'));
  writeFileSync(join(directory, 'garbage.pem'), 'garbage\n');
  writeFileSync(join(directory, 'empty.pem'), '');
  busyPort = await freePort();
  busy = createServer().listen(busyPort, '127.0.0.1');
});
afterAll(() => {
  busy.close();
  rmSync(directory, { recursive: true, force: true });
});

async function refusalOf(settings: Record<string, string>, ...words: string[]): Promise<string> {
  const exports = Object.entries(settings).map(([name, value]) => `export GATEHOUSE_${name}='${value}';`);
  const shell = `${exports.join(' ')} exec "$@"`;
  const database = `sqlite:${join(directory, 'data', 'gatehouse.db')}`;
  const { code, out, err } = await runCommand(directory, database, words, { shell });
  expect([code, out]).toEqual([1, '']);
  return err;
}

it('files of TLS that are missing, empty, or no certificate and its key that clients know', async () => {
  const https = { ISSUER: 'https://localhost:4999', LISTEN: `127.0.0.1:${await freePort()}` };
  const missing = { ...https, TLS_CERT: 'nowhere.pem', TLS_KEY: 'nowhere.pem' };
  expect(await refusalOf(missing, 'serve')).toMatch(/^tls_cert names nowhere\.pem, .* \(ENOENT\)/);
  const garbage = { ...https, TLS_CERT: 'garbage.pem', TLS_KEY: 'garbage.pem' };
  expect(await refusalOf(garbage, 'serve')).toMatch(
    /are not a certificate and its key .*; both are PEM files/,
  );
  // OpenSSL takes both without a word, and completes no handshake with them.
  const empty = { ...https, TLS_CERT: pem('cert'), TLS_KEY: 'empty.pem' };
  expect(await refusalOf(empty, 'serve')).toMatch(/are not a certificate and its key/);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const shut = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' } as const;
  writeFileSync(join(directory, 'shut.pem'), privateKey.export(shut));
  const locked = { ...https, TLS_CERT: pem('cert'), TLS_KEY: 'shut.pem' };
  expect(await refusalOf(locked, 'serve')).toMatch(/^tls_key \(.*\) has a passphrase.*openssl pkey -in/);
  const curve = { ...https, TLS_CERT: pem('secp256k1-cert'), TLS_KEY: pem('secp256k1-key') };
  expect(await refusalOf(curve, 'serve')).toMatch(/on the curve secp256k1; clients know prime256v1, /);
  expect(await refusalOf({ OUTBOUND_CA: 'garbage.pem' }, 'serve')).toMatch(/outbound_ca .* no certificate/);
});

it('an address that is taken, or of another machine, by the name of its setting', async () => {
  const taken = { LISTEN: `127.0.0.1:${busyPort}` };
  expect(await refusalOf(taken, 'serve')).toMatch(/\(listen, EADDRINUSE\): something listens there already/);
  const metrics = { LISTEN: `127.0.0.1:${await freePort()}`, METRICS_LISTEN: `127.0.0.1:${busyPort}` };
  expect(await refusalOf(metrics, 'serve')).toMatch(new RegExp(`127.0.0.1:${busyPort} \\(metrics_listen, `));
  const foreign = { LISTEN: `192.0.2.1:${await freePort()}` };
  expect(await refusalOf(foreign, 'serve')).toMatch(/EADDRNOTAVAIL\): this machine has no such address/);
});

it('settings of a wrong kind or size, each with what it must be and what it is, and no secret', async () => {
  const wrong = { ACCESS_TOKEN_SECONDS: '5m', LOG_LEVEL: 'loud', CODE_SECONDS: '100', MASTER_KEY: 'short' };
  const text = await refusalOf(wrong, 'user', 'list');
  expect(text).toContain(
    '- access_token_seconds: must be a number, and is "5m". For example access_token_seconds: 300\n',
  );
  expect(text).toContain('- log_level: must be one of debug, info, warn, error, silent, and is "loud". For');
  expect(text).toContain('- code_seconds: must be at most 60, and is "100". For example code_seconds: 30\n');
  expect(text).toContain('- master_key: must have at least 32 characters. For');
  expect(text).not.toContain('short');
  const database = { DATABASE: 'postgres://u:p#ss@host/x' };
  const refused = await refusalOf(database, 'user', 'list');
  expect(refused).toMatch(/write postgres:\/\/USER.*%23 for #/);
  expect(refused).not.toContain('p#ss');
});
