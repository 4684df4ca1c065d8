import { expect, it } from 'vitest';
import {
  createRefusals,
  OWN_EVENTS,
  OWN_EVENTS_OF_ADDRESS,
  type RefusalEvent,
} from '../../src/audit/count-refusals.ts';
import type { AuditEvent } from '../../src/audit/events.ts';
import { createTestClock } from '../support/clock.ts';

function refusalsAt() {
  const clock = createTestClock();
  clock.hold();
  const told: AuditEvent[] = [];
  return { clock, told, refusals: createRefusals(clock, (event) => told.push(event)) };
}

function at(address: string, more: Partial<RefusalEvent> = {}): RefusalEvent {
  const source = { address, userAgent: 'x'.repeat(10_000), requestId: 'one' };
  return { type: 'userinfo.refused', reason: 'token_not_active', source, ...more };
}

it('the first refusals of a minute are events of their own, and one event counts the others', () => {
  const { refusals, told, clock } = refusalsAt();
  const own = Array.from({ length: 500 }, () => refusals.add(at('192.0.2.1'))).filter(Boolean);
  expect(own).toHaveLength(OWN_EVENTS);
  expect(refusals.add(at('192.0.2.2'))).toBe(true);
  expect(told).toEqual([]);
  clock.advance(60_000);
  expect(refusals.add(at('192.0.2.1'))).toBe(true);
  expect(told).toEqual([
    {
      type: 'userinfo.refused',
      reason: 'token_not_active',
      client_id: undefined,
      source: { address: '192.0.2.1' },
      details: { times: 490 },
    },
  ]);
  refusals.end();
  expect(told).toHaveLength(1);
});

it('one address that names many clients does not use up the own events of other addresses', () => {
  const { refusals } = refusalsAt();
  let own = 0;
  for (let index = 0; index < 2000; index += 1)
    if (refusals.add(at('192.0.2.1', { type: 'token.refused', client_id: `client-${index % 200}` })))
      own += 1;
  expect(own).toBe(OWN_EVENTS_OF_ADDRESS);
  expect(refusals.add(at('192.0.2.2'))).toBe(true);
});

it('several reasons are counted separately, and an IPv6 /64 is one address', () => {
  const { refusals, told } = refusalsAt();
  for (let host = 0; host < OWN_EVENTS; host += 1) refusals.add(at(`2001:db8::${host}`));
  for (let host = 0; host < 30; host += 1) {
    const reason = host % 3 === 0 ? 'no_openid_scope' : 'token_not_active';
    refusals.add(at(`2001:db8::${host}`, { reason }));
  }
  refusals.end();
  expect(told).toHaveLength(1);
  expect(told[0]).toMatchObject({
    reason: undefined,
    source: { address: '2001:db8:0:0::/64' },
    details: { times: 30, no_openid_scope: 10, token_not_active: 20 },
  });
});

it('refusals from 50,000 addresses cost a bounded number of events and counts, and none is lost', () => {
  const { refusals, told } = refusalsAt();
  let own = 0;
  for (let index = 0; index < 50_000; index += 1) {
    if (refusals.add(at(`10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`))) own += 1;
  }
  refusals.end();
  expect(own).toBe(1000);
  expect(told.length).toBeLessThanOrEqual(4001);
  const times = told.reduce((sum, { details }) => sum + Number(details?.times), 0);
  expect(own + times).toBe(50_000);
  // What a stranger sent beside it is not kept.
  expect(JSON.stringify(told)).not.toContain('xxx');
});

it('a refused introspection has no event of its own, from any address', () => {
  const { refusals, told } = refusalsAt();
  for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.3']) {
    const miss = at(address, { type: 'introspection.refused', client_id: 'api' });
    expect(refusals.add(miss)).toBe(false);
  }
  refusals.end();
  expect(told).toMatchObject([{ type: 'introspection.refused', client_id: 'api', details: { times: 3 } }]);
});
