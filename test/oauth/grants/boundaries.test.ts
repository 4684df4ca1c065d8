/** The millisecond in which a code, its replay and the grace of a refresh token end. RFC 6749 §4.1.2, RFC 9700 §4.14.2 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { beforeNextWrite } from '../../support/before-next-write.ts';
import { authorize, lastReason, publicClient, type Registered, redeem, refresh } from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';

const HOUR_MS = 3_600_000;
let server: TestServer;
let app: Registered;

beforeAll(async () => {
  server = await startServer();
  server.clock.hold();
  await server.user();
  app = await publicClient(server);
});
// What is recorded is the later one.
beforeEach(() => server.clock.advance(1000));
afterAll(() => server.stop());

describe('a code', () => {
  it.each([
    [29_999, 200, undefined],
    [30_000, 400, 'code_expired'],
  ])('Z16 A023 after %i ms is answered with %i', async (afterMs, status, reason) => {
    const authorized = await authorize(server, app.client);
    server.clock.advance(afterMs);
    expect((await redeem(server, app, authorized)).status).toBe(status);
    if (reason !== undefined) expect(await lastReason(server)).toBe(reason);
  });

  it.each([
    [HOUR_MS - 1, 'code_replayed'],
    [HOUR_MS, 'code_too_old'],
  ])('T8 that was spent and comes again after %i ms is told as %s', async (afterMs, reason) => {
    const authorized = await authorize(server, app.client);
    await redeem(server, app, authorized);
    server.clock.advance(afterMs);
    expect((await redeem(server, app, authorized)).status).toBe(400);
    expect(await lastReason(server)).toBe(reason);
  });
});

describe('the predecessor of a refresh token', () => {
  const rotated = async () => {
    const first = (await redeem(server, app, await authorize(server, app.client))).body.refresh_token;
    return { first, second: (await refresh(server, app, first)).body.refresh_token };
  };

  it('A033 gives the same successor until its grace of 10 s is over', async () => {
    const { first, second } = await rotated();
    server.clock.advance(9999);
    expect((await refresh(server, app, first)).body.refresh_token).toBe(second);
  });

  it('A033 is reuse in the millisecond in which its grace is over', async () => {
    const { first, second } = await rotated();
    server.clock.advance(10_000);
    expect((await refresh(server, app, first)).status).toBe(400);
    expect(await lastReason(server)).toBe('refresh_token_reused');
    expect((await refresh(server, app, second)).status).toBe(400);
  });
});

describe('what ends between being looked at and being spent', () => {
  const waiting = (milliseconds: number) =>
    beforeNextWrite(server.gatehouse, async () => server.clock.advance(milliseconds));

  it('A023 a code is over', async () => {
    const authorized = await authorize(server, app.client);
    waiting(30_000);
    expect((await redeem(server, app, authorized)).body.error).toBe('invalid_grant');
    expect(await lastReason(server)).toBe('code_expired');
  });

  it('T11 a refresh token is over', async () => {
    const { body } = await redeem(server, app, await authorize(server, app.client));
    waiting(400 * 24 * HOUR_MS);
    expect((await refresh(server, app, body.refresh_token)).body.error).toBe('invalid_grant');
    expect(await lastReason(server)).toBe('refresh_token_ended');
  });
});
