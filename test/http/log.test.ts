import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  auditEvents,
  authorize,
  confidentialClient,
  post,
  type Registered,
  redeem,
  refresh,
  userinfo,
} from '../support/flow.ts';
import { freePort } from '../support/free-port.ts';
import { PASSWORD, startServer, type TestServer } from '../support/server.ts';
import { createUserAgent, formOf } from '../support/user-agent.ts';

let server: TestServer;
let app: Registered;

beforeAll(async () => {
  server = await startServer({ environment: { GATEHOUSE_TRUSTED_PROXIES: '127.0.0.1' } });
  await server.user();
  app = await confidentialClient(server, { grant_types: ['authorization_code', 'refresh_token'] });
});
afterAll(() => server.stop());

const parsedLines = (): Record<string, unknown>[] => server.lines.map((line) => JSON.parse(line));

describe('the log', () => {
  test('G14 no secret that was used is in a log line or in the audit', async () => {
    const agent = createUserAgent(server.issuer);
    const secrets = [PASSWORD, app.client_secret ?? '', 'a wrong password entirely', 'x'.repeat(40)];
    const wrong = await agent.submit(await agent.open(`${server.issuer}/login`), {
      username: 'alice',
      password: 'a wrong password entirely',
    });
    secrets.push(formOf(wrong).fields.csrf ?? '');
    const done = await authorize(server, app.client, {
      agent,
      more: { state: 'state-of-the-app', nonce: 'nonce-of-the-app' },
    });
    secrets.push(
      done.code,
      done.pkce.code_verifier,
      'state-of-the-app',
      'nonce-of-the-app',
      ...agent.cookies.values(),
    );
    const tokens = (await redeem(server, app, done)).body;
    const renewed = (await refresh(server, app, tokens.refresh_token)).body;
    for (const one of [tokens, renewed]) secrets.push(one.access_token, one.refresh_token, one.id_token);
    await userinfo(server, renewed.access_token);
    await fetch(`${server.issuer}/userinfo?access_token=${renewed.access_token}`);
    await post(server, '/introspect', { token: renewed.access_token }, app);
    await post(server, '/token', {
      grant_type: 'client_credentials',
      client_id: app.client.client_id,
      client_secret: 'x'.repeat(40),
    });
    await redeem(server, app, done);
    await post(server, '/revoke', { token: renewed.refresh_token }, app);

    const rows = await auditEvents(server);
    const written = server.lines.join('\n') + JSON.stringify(rows);
    expect(rows.length).toBeGreaterThan(5);
    const used = secrets.filter((secret) => secret !== undefined && secret !== '');
    expect(used.length).toBeGreaterThanOrEqual(16);
    for (const secret of used)
      expect(written.includes(secret), `${secret.slice(0, 6)}… was written down`).toBe(false);
  });

  test('each request is one line: its id, method, route, status, time and address', async () => {
    const response = await fetch(`${server.issuer}/signed-out?secret=1`, {
      headers: { 'x-forwarded-for': '203.0.113.9' },
    });
    await response.text();
    const id = response.headers.get('x-request-id');
    const lines = parsedLines().filter((line) => line.requestId === id);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      method: 'GET',
      route: '/signed-out',
      status: 200,
      address: '203.0.113.9',
      level: 30,
    });
    expect(lines[0]?.durationMs).toEqual(expect.any(Number));
  });
});

describe('metrics', () => {
  test('answer a direct request from this machine alone', async () => {
    const direct = await fetch(`${server.issuer}/metrics`);
    const text = await direct.text();
    expect(direct.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(text).toMatch(/gatehouse_events_total\{type="login.succeeded",reason=""\} [1-9]/);
    expect(text).toMatch(
      /gatehouse_request_duration_seconds_count\{route="\/token",method="POST",status="200"\} [1-9]/,
    );
    for (const name of ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via']) {
      const passedOn = await fetch(`${server.issuer}/metrics`, { headers: { [name]: '127.0.0.1' } });
      expect([name, passedOn.status]).toEqual([name, 404]);
    }
  });

  test('are on a listener of their own where the settings name one, and nowhere else', async () => {
    const port = await freePort();
    const own = await startServer({ environment: { GATEHOUSE_METRICS_LISTEN: `127.0.0.1:${port}` } });
    expect((await fetch(`${own.issuer}/metrics`)).status).toBe(404);
    expect(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()).toContain('gatehouse_process_cpu');
    expect((await fetch(`http://127.0.0.1:${port}/token`)).status).toBe(404);
    await own.stop();
    await expect(fetch(`http://127.0.0.1:${port}/metrics`)).rejects.toThrow();
  });

  test('have labels from our own tables, whatever is asked for', async () => {
    for (let index = 0; index < 20; index += 1) await fetch(`${server.issuer}/nothing-${index}`);
    // One text is kept for a second.
    server.clock.advance(1000);
    const text = await (await fetch(`${server.issuer}/metrics`)).text();
    expect(text).not.toContain('nothing-');
    expect(text).toContain('route="unknown"');
  });
});
