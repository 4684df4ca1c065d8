import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Answer,
  answerOf,
  auditEvents,
  authorize,
  authorizeUrl,
  newPkce,
  publicClient,
  type Registered,
  requestOf,
} from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';

const LONG_MS = 180_000;
let server: TestServer;
let app: Registered;
beforeAll(async () => {
  server = await startServer({ environment: { GATEHOUSE_TRUSTED_PROXIES: '127.0.0.1' } });
  // An address has more again with every second.
  server.clock.hold();
  await server.user();
  app = await publicClient(server);
});
afterAll(() => server.stop());

const parameters = (more: Record<string, string> = {}) => requestOf(app.client, newPkce(), more);
const from = (address: string) => ({ 'x-forwarded-for': address });

/** Comes from the app's site without a cookie: it is stored, and the browser comes again by GET. */
async function askByPost(address: string, more: Record<string, string> = {}): Promise<Answer> {
  const body = new URLSearchParams(parameters(more));
  const init = { method: 'POST', body, headers: from(address), redirect: 'manual' } as const;
  return answerOf(await fetch(`${server.issuer}/authorize`, init));
}

async function askByGet(address: string, more: Record<string, string> = {}): Promise<Response> {
  const url = authorizeUrl(server, parameters(more));
  return fetch(url, { headers: from(address), redirect: 'manual' });
}

const stored = async () =>
  (await server.gatehouse.db.all<{ request: string }>('SELECT request FROM interactions')).map(
    ({ request }) => request.length,
  );

/** By an event of its own, or among those that were counted. */
const isTold = async (reason: string) =>
  (await auditEvents(server)).some((event) => event.reason === reason || reason in (event.details ?? {}));

/** That many bytes that are remembered. */
const claimsOf = (bytes: number) => JSON.stringify({ userinfo: { email: { value: 'x'.repeat(bytes) } } });

describe('a stored authorization request', () => {
  it('is 16 kB at most: a longer one gets a page that names the limit, and nothing is stored', async () => {
    const before = (await stored()).length;
    for (const more of [
      { claims: claimsOf(14_000), state: 'x'.repeat(4000) },
      { claims: claimsOf(14_000), acr_values: 'y'.repeat(4000) },
    ]) {
      const answer = await askByPost('192.0.2.1', more);
      expect([answer.status, answer.headers.get('location')]).toEqual([400, null]);
      expect(answer.body).toContain('16384');
      expect(answer.body).toContain('id="error"');
    }
    expect((await stored()).length).toBe(before);
    expect(await isTold('request_too_long')).toBe(true);
  });

  it('of a user who is signed in has the same bound', async () => {
    const { agent } = await authorize(server, app.client);
    const page = await agent.fetch(`${server.issuer}/authorize`, {
      method: 'POST',
      body: new URLSearchParams(parameters({ claims: claimsOf(20_000) })),
    });
    expect([page.status, page.location]).toEqual([400, undefined]);
    const grants = await server.gatehouse.db.all<{ access: string }>('SELECT access FROM grants');
    expect(grants.every(({ access }) => access.length < 16_384)).toBe(true);
  });

  it('below that is taken', async () => {
    expect((await askByPost('192.0.2.1', { state: 's'.repeat(4000) })).status).toBe(303);
    expect((await askByGet('192.0.2.1', { nonce: 'n'.repeat(1000) })).status).toBe(303);
  });
});

describe('sign-ins that one address begins', () => {
  it(
    'fill little: a flood gets 429 with Retry-After, by GET and POST alike',
    async () => {
      const before = (await stored()).length;
      let refused: Answer | undefined;
      for (let number = 0; number < 3000 && !refused; number += 1) {
        const answer = await askByPost('192.0.2.66', { state: 's'.repeat(4000), claims: claimsOf(5000) });
        if (answer.status === 429) refused = answer;
        else expect(answer.status).toBe(303);
      }
      expect(refused?.status).toBe(429);
      expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(refused?.headers.get('content-type')).toContain('text/html');
      expect((await askByGet('192.0.2.66', { state: 's'.repeat(4000) })).status).toBe(429);
      const kept = (await stored()).slice(before).reduce((sum, bytes) => sum + bytes, 0);
      expect(kept).toBeLessThan(11 * 1024 * 1024);
      expect(await isTold('too_many_sign_ins')).toBe(true);
    },
    LONG_MS,
  );

  it('hinder no user at another address, and no user who is asked nothing', async () => {
    expect((await askByPost('192.0.2.67')).status).toBe(303);
    const { agent } = await authorize(server, app.client);
    const silent = await agent.fetch(authorizeUrl(server, parameters()), { headers: from('192.0.2.66') });
    expect(new URL(silent.location ?? '').searchParams.get('code')).toMatch(/./);
    const none = await agent.fetch(authorizeUrl(server, parameters({ prompt: 'none' })), {
      headers: from('192.0.2.66'),
    });
    expect(new URL(none.location ?? '').searchParams.get('code')).toMatch(/./);
  });

  it('are accepted again after the time in Retry-After', async () => {
    const refused = await askByPost('192.0.2.66', { state: 's'.repeat(4000) });
    server.clock.advance(Number(refused.headers.get('retry-after')) * 1000);
    expect((await askByPost('192.0.2.66', { state: 's'.repeat(4000) })).status).toBe(303);
  });

  it('may be those of a company of 5,000 who come at the same moment', async () => {
    const before = (await stored()).length;
    for (let number = 0; number < 50; number += 1) {
      const more = { state: 's'.repeat(200), nonce: 'n'.repeat(60), scope: 'openid' };
      expect((await askByGet('198.51.100.1', more)).status).toBe(303);
    }
    for (const bytes of (await stored()).slice(before)) expect(bytes).toBeLessThanOrEqual(1024);
    const { storageAllowance } = server.gatehouse;
    for (let number = 50; number < 9900; number += 1) {
      expect(storageAllowance.take('198.51.100.1', 1)).toBe(0);
    }
    expect((await askByGet('198.51.100.1')).status).toBe(303);
  });
});
