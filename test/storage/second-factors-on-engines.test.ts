/** The statements of second factors are the same on both engines, and what is good once is so on each. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removeUser } from '../../src/identity/users/user-removal.ts';
import { codeOf, nextStep, recoveryCodesOn, setUpApp, userWithApp } from '../support/authenticator.ts';
import { engines, startServerOn } from '../support/engines.ts';
import { PASSWORD, type TestServer } from '../support/server.ts';
import { createUserAgent } from '../support/user-agent.ts';
import { runVerb } from '../support/verb.ts';

describe.each(engines)('second factors on %s', (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServerOn(engine);
  }, 120_000);
  afterAll(() => server.stop());

  /** Twenty forms at once, four from each of five browsers: how many browsers are signed in by them. */
  async function countSignedIn(path: string, username: string, code: string): Promise<number> {
    const browsers = Array.from({ length: 5 }, () => createUserAgent(server.issuer));
    for (const agent of browsers)
      await agent.submit(await agent.open(`${server.issuer}/login`), { username, password: PASSWORD });
    const forms = await Promise.all(browsers.map((agent) => agent.open(server.issuer + path)));
    const sent = browsers.flatMap((agent, index) => {
      const form = forms[index];
      return form ? Array.from({ length: 4 }, () => agent.submit(form, { code })) : [];
    });
    await Promise.all(sent);
    const homes = await Promise.all(browsers.map((agent) => agent.open(`${server.issuer}/account`)));
    return homes.filter(({ url }) => new URL(url).pathname === '/account').length;
  }

  it('L15 A073 of twenty forms with one code one signs in, by the app and by a recovery code', async () => {
    const { agent, seed } = await userWithApp(server, 'alice');
    const page = await agent.open(`${server.issuer}/account/recovery-codes`);
    const [code = ''] = recoveryCodesOn(await agent.submit(page, {}));
    nextStep(server);
    expect(await countSignedIn('/totp', 'alice', codeOf(server, seed))).toBe(1);
    server.clock.advance(60_000);
    expect(await countSignedIn('/recovery-code', 'alice', code)).toBe(1);
  }, 60_000);

  it('an app is replaced, and removed by the operator, and goes with its user', async () => {
    const { agent, sub } = await userWithApp(server, 'bob');
    expect(await setUpApp(server, agent)).toMatch(/^[A-Z2-7]{32}$/);
    expect(await runVerb(server, 'user', 'remove-second-factors', { user: 'bob' })).toMatchObject({
      value: { removed: ['totp', 'recovery_code'] },
    });
    const { sub: other } = await userWithApp(server, 'carl');
    expect(await removeUser(server.gatehouse, other)).toBe(true);
    for (const table of ['totp', 'recovery_codes'])
      for (const whose of [sub, other])
        expect(
          await server.gatehouse.db.get(`SELECT sub FROM ${table} WHERE sub = $1`, whose),
        ).toBeUndefined();
  }, 60_000);
});
