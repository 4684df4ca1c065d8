/** Forwarding headers from where they are not believed. RFC 9700 §4.13 */
import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newDoctorProof } from '../../src/http/authenticate-doctor-by-master-key.ts';
import { createForwardingWatch } from '../../src/http/forwarding-warnings.ts';
import { startServer, type TestServer } from '../support/server.ts';

let behind: TestServer;
let trusting: TestServer;
beforeAll(async () => {
  behind = await startServer();
  trusting = await startServer({ environment: { GATEHOUSE_TRUSTED_PROXIES: '127.0.0.1 10.0.0.0/8' } });
});
afterAll(async () => {
  await behind.stop();
  await trusting.stop();
});

const ask = (server: TestServer, path: string, headers: Record<string, string>) =>
  fetch(server.issuer + path, { headers });
const toldOf = ({ lines }: TestServer) =>
  lines.map((line) => JSON.parse(line)).filter(({ setting }) => setting === 'trusted_proxies');

test.each(['X-Forwarded-For', 'Forwarded', 'X-Real-IP'])(
  'G13 %s from a proxy that is not trusted is logged',
  async (name) => {
    const server = await startServer();
    await ask(server, '/jwks', {});
    expect(toldOf(server)).toEqual([]);
    await ask(server, '/jwks', { [name]: '198.51.100.7' });
    expect(toldOf(server)).toMatchObject([
      {
        level: 40,
        peer: '127.0.0.1',
        headers: [name.toLowerCase()],
        msg: expect.stringContaining('shares one throttle'),
      },
    ]);
    await server.stop();
  },
);

test('G13 it is logged once, however many requests have it', async () => {
  for (let index = 0; index < 5; index += 1)
    await ask(behind, '/nothing', { 'x-forwarded-for': `198.51.100.${index}`, 'x-real-ip': '198.51.100.7' });
  expect(toldOf(behind)).toHaveLength(1);
  expect(JSON.stringify(toldOf(behind))).not.toContain('198.51.100');
});

test('G13 a header from a public address does not hide that of a proxy in the operator’s network', () => {
  const lines: object[] = [];
  const log = { ...behind.gatehouse.log, warn: (line: object) => void lines.push(line) };
  const watch = createForwardingWatch({ ...behind.gatehouse, log });
  const from = (remoteAddress: string) =>
    watch({
      headers: { 'x-forwarded-for': '192.0.2.1' },
      socket: { remoteAddress },
    } as unknown as IncomingMessage);
  for (const peer of ['8.8.8.8', '9.9.9.9', '::ffff:172.17.0.1', '10.0.0.1']) from(peer);
  expect(lines).toMatchObject([{ peer: '8.8.8.8' }, { peer: '172.17.0.1' }]);
});

test('G13 the header of a trusted proxy is not logged', async () => {
  await ask(trusting, '/jwks', { 'x-forwarded-for': '198.51.100.7', forwarded: 'for=198.51.100.7' });
  expect(toldOf(trusting)).toEqual([]);
});

test('G13 a trusted proxy that writes no address is logged, once', async () => {
  for (let index = 0; index < 3; index += 1) await ask(trusting, '/jwks', { 'x-forwarded-for': 'unknown' });
  expect(toldOf(trusting)).toMatchObject([
    { peer: '127.0.0.1', msg: expect.stringContaining('something else') },
  ]);
  const authorization = newDoctorProof(trusting.gatehouse.settings, trusting.clock.nowMs());
  const way = await ask(trusting, '/health/way', { 'x-forwarded-for': 'x'.repeat(99), authorization });
  expect(await way.json()).toMatchObject({ address: '127.0.0.1', unread: 'x'.repeat(60) });
});

test('a client with the master key learns through which proxies its request came, for a minute', async () => {
  const { gatehouse, clock } = trusting;
  const headers = { 'x-forwarded-for': '192.0.2.9, 198.51.100.7, 10.1.1.1' };
  const askWay = (authorization: string) => ask(trusting, '/health/way', { ...headers, authorization });
  const proof = newDoctorProof(gatehouse.settings, clock.nowMs());
  const told = await askWay(proof);
  expect([told.status, told.headers.get('cache-control')]).toEqual([200, 'no-store']);
  expect(await told.json()).toEqual({
    issuer: gatehouse.settings.issuer,
    peer: '127.0.0.1',
    isTrusted: true,
    headers: ['x-forwarded-for'],
    address: '198.51.100.7',
    before: ['192.0.2.9'],
  });
  const foreign = newDoctorProof({ masterKey: Buffer.alloc(32) }, clock.nowMs());
  const later = proof.replace(/(\d)\./, (_, digit: string) => `${(Number(digit) + 1) % 10}.`);
  for (const wrong of ['', 'Gatehouse-Doctor', `${proof}A`, foreign, later])
    expect((await askWay(wrong)).status, wrong).toBe(404);
  clock.advance(61_000);
  expect((await askWay(proof)).status).toBe(404);
});
