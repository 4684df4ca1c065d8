/** How many clients may be registered, and how often an address may ask about registrations. */
import { describe, expect, it } from 'vitest';
import { createInitialAccess } from '../../../src/oauth/clients/initial-access-tokens.ts';
import { forgetUnusedClients } from '../../../src/oauth/clients/remove-unused-clients.ts';
import { registerClient } from '../../../src/oauth/requests/client-registration.ts';
import { countRegisteredClients } from '../../../src/storage/tables/clients.ts';
import { backChannelRequest } from '../../support/back-channel.ts';
import { CALLBACK, lastReason } from '../../support/flow.ts';
import { startServer } from '../../support/server.ts';
import { register, send } from './register.ts';

describe('who may register', () => {
  it('any client where it is open, up to the limits, and each refusal is an audit event', async () => {
    const own = await startServer({
      environment: { GATEHOUSE_REGISTRATION: 'open', GATEHOUSE_REGISTRATION_LIMIT: '2' },
    });
    expect((await register(own)).status).toBe(201);
    expect((await register(own)).status).toBe(201);
    const { status, headers } = await register(own);
    expect(status).toBe(429);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await lastReason(own)).toBe('registration_limit');
    await own.stop();
  });

  it('is counted exactly when many wait for a slow list at once, and a token that made nothing stays good', async () => {
    const environment = { GATEHOUSE_REGISTRATION: 'token', GATEHOUSE_REGISTRATION_LIMIT: '5' };
    const own = await startServer({ environment });
    const tokens = await Promise.all(
      Array.from({ length: 20 }, () => createInitialAccess(own.gatehouse, 3600)),
    );
    const waiting: (() => void)[] = [];
    const outbound: typeof own.gatehouse.outbound = async () => {
      await new Promise<void>((go) => {
        if (waiting.push(go) === tokens.length) for (const each of waiting) each();
      });
      return { status: 200, headers: {}, body: Buffer.from(JSON.stringify([CALLBACK])) };
    };
    const json = { redirect_uris: [CALLBACK], sector_identifier_uri: 'https://app.example.com/list.json' };
    const made = await Promise.allSettled(
      tokens.map((token) =>
        registerClient(
          { ...own.gatehouse, outbound },
          backChannelRequest({ json, headers: { authorization: `Bearer ${token}` } }),
        ),
      ),
    );
    const refused = made.filter((outcome) => outcome.status === 'rejected');
    expect(refused.map(({ reason }) => reason.reason)).toEqual(Array(15).fill('registration_limit'));
    expect(await countRegisteredClients(own.gatehouse.db)).toBe(5);
    await forgetUnusedClients(own.gatehouse, { registeredBefore: own.clock.nowMs() + 1, usedBefore: 0 });
    const again = tokens[made.findIndex(({ status }) => status === 'rejected')];
    expect((await register(own, {}, again)).status).toBe(201);
    await own.stop();
  });
});

describe('RFC 7592 Y3 the registration afterwards', () => {
  it('is asked about as often as an address may, and wrong tokens keep no right one out', async () => {
    const own = await startServer({ environment: { GATEHOUSE_REGISTRATION: 'open' } });
    const { body } = await register(own);
    const { registration_client_uri: uri, registration_access_token: token } = body;
    const ask = async (with_: string, method = 'GET') => {
      const { status, headers } = await send(uri, method, method === 'PUT' ? {} : undefined, with_);
      return { status, waits: Number(headers.get('retry-after')) > 0 };
    };
    for (let asked = 0; asked < 200; asked += 1) expect((await ask('wrong')).status).toBe(401);
    expect(await ask('wrong')).toEqual({ status: 429, waits: true });
    expect((await ask(token)).status).toBe(200);
    for (let asked = 1; asked < 200; asked += 1) await ask(token);
    for (const method of ['GET', 'PUT', 'DELETE'])
      expect({ method, ...(await ask(token, method)) }).toEqual({ method, status: 429, waits: true });
    expect((await register(own)).status).toBe(201);
    own.clock.advance(660_000);
    expect((await ask(token)).status).toBe(200);
    await own.stop();
  });
});
