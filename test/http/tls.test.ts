import { type ConnectionOptions, connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { askOverTls, ca, tlsEnvironment } from './tls-peer.ts';

let server: TestServer;
let port: number;

beforeAll(async () => {
  port = await freePort();
  server = await startServer({ environment: tlsEnvironment(port) });
});
afterAll(() => server.stop());

/** The protocol and cipher that are agreed on; undefined where none is. */
function handshake(options: ConnectionOptions): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', servername: 'localhost', port, ca, ...options }, () => {
      resolve(`${socket.getProtocol()} ${socket.getCipher().standardName}`);
      socket.destroy();
    });
    socket.once('error', () => resolve(undefined));
  });
}

describe('https', () => {
  test('G2 TLS 1.3 is offered, and TLS 1.2 with ECDHE and AES-GCM alone', async () => {
    expect(await handshake({})).toMatch(/^TLSv1\.3 TLS_/);
    expect(await handshake({ maxVersion: 'TLSv1.2' })).toMatch(/^TLSv1\.2 TLS_ECDHE_ECDSA_WITH_AES_\d+_GCM_/);
    for (const ciphers of ['ECDHE-ECDSA-AES128-SHA256', 'ECDHE-ECDSA-AES256-SHA', 'AES128-GCM-SHA256']) {
      expect(await handshake({ maxVersion: 'TLSv1.2', ciphers })).toBeUndefined();
    }
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    expect(await handshake(old)).toBeUndefined();
  });

  test('G2 every answer has HSTS, errors too', async () => {
    for (const path of ['/login', '/jwks', '/health/live', '/nothing', '/token', '/%zz']) {
      expect((await askOverTls(port, path)).headers['strict-transport-security']).toMatch(
        /^max-age=31536000/,
      );
    }
  });

  test('L10 cookies are __Host- and Secure', async () => {
    const cookies = (await askOverTls(port, '/login')).headers['set-cookie'] ?? [];
    expect(cookies).toHaveLength(1);
    expect(cookies[0]).toMatch(/^__Host-gatehouse_browser=[^;]+; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
  });
});
