import { afterAll, beforeAll, expect, it } from 'vitest';
import { createRepeats } from '../../src/audit/repeats.ts';
import { auditEvents, authorizeUrl } from '../support/flow.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ environment: { GATEHOUSE_TRUSTED_PROXIES: '127.0.0.1' } });
});
afterAll(() => server.stop());

const from = (address: string) => ({ 'x-forwarded-for': address });
const ofAddress = async (address: string) =>
  (await auditEvents(server)).filter((event) => event.address === address);

it('refusals that an address repeats are written a hundred times a minute, and then counted', async () => {
  const url = authorizeUrl(server, { client_id: 'nobody' });
  for (let number = 0; number < 250; number += 1) await fetch(url, { headers: from('192.0.2.1') });
  await fetch(url, { headers: from('192.0.2.2') });
  expect(await ofAddress('192.0.2.1')).toHaveLength(100);
  expect(await ofAddress('192.0.2.2')).toHaveLength(1);
  server.clock.advance(61_000);
  const [last, ...others] = await ofAddress('192.0.2.1');
  expect(last).toMatchObject({ type: 'authorization.refused', reason: 'repeated', details: { more: 150 } });
  expect(others).toHaveLength(100);
  expect(await server.house.metrics.text()).toContain(
    'gatehouse_events_total{type="authorization.refused",reason="unknown_client"} 251',
  );
  await fetch(url, { headers: from('192.0.2.1') });
  expect((await ofAddress('192.0.2.1'))[0]?.reason).toBe('unknown_client');
});

it('a wave from very many addresses fills little, and every refusal is counted', () => {
  const repeats = createRepeats({ nowMs: () => 0 });
  const addresses = Array.from({ length: 20_000 }, (_, number) => `10.${number >> 8}.${number & 255}.1`);
  const written = addresses.filter((address) => {
    const source = { address, userAgent: '', requestId: '' };
    return repeats.isWritten({ type: 'userinfo.refused', reason: 'malformed', source });
  });
  const counted = repeats.counted(true);
  const more = counted.reduce((sum, { details }) => sum + Number(details?.more), 0);
  expect(written.length).toBeLessThanOrEqual(2000);
  expect(counted.length).toBeLessThanOrEqual(1001);
  expect(written.length + more).toBe(20_000);
});

it('what was decided in favour of somebody is always written', () => {
  const repeats = createRepeats({ nowMs: () => 0 });
  const source = { address: '192.0.2.1', userAgent: '', requestId: '' };
  for (let number = 0; number < 500; number += 1) {
    expect(repeats.isWritten({ type: 'token.issued', client_id: 'x', source })).toBe(true);
  }
});
