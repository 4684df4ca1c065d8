/** What an operator sees of second factors, and does for a person who lost them. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WithNotice } from '../../src/admin-commands/verb-output-types.ts';
import { codeOf, nextStep, userWithApp } from '../support/authenticator.ts';
import { auditEvents } from '../support/flow.ts';
import { PASSWORD, startServer, type TestServer } from '../support/server.ts';
import { createUserAgent } from '../support/user-agent.ts';
import { runVerb } from '../support/verb.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

it('L19 user get names them, and user remove-second-factors removes them, ends every session and says so', async () => {
  const { sub, agent, seed } = await userWithApp(server, 'alice');
  expect(await runVerb(server, 'user', 'get', { user: 'alice' })).toMatchObject({
    second_factors: ['totp', 'recovery_code'],
  });
  const answer = await runVerb(server, 'user', 'remove-second-factors', { user: 'alice' });
  expect(answer).toBeInstanceOf(WithNotice);
  expect(answer.value).toEqual({ sub, removed: ['totp', 'recovery_code'] });
  expect(answer.sentence).toContain(`gatehouse user set-password ${sub}`);
  expect(await runVerb(server, 'user', 'get', { user: 'alice' })).toMatchObject({ second_factors: [] });
  expect((await agent.open(`${server.issuer}/account`)).url).toContain('/login');
  const again = createUserAgent(server.issuer);
  const login = await again.open(`${server.issuer}/login`);
  const home = await again.submit(login, { username: 'alice', password: PASSWORD });
  expect(new URL(home.url).pathname).toBe('/account');
  nextStep(server);
  expect(JSON.stringify(await auditEvents(server))).not.toContain(seed);
  expect(JSON.stringify(await auditEvents(server))).not.toContain(codeOf(server, seed));
  const removed = (await auditEvents(server)).find(({ type }) => type === 'user.second_factors_removed');
  expect(removed).toMatchObject({ sub, details: { removed: 'totp recovery_code' } });
});

it('it refuses who has none, and who is unknown', async () => {
  await server.user('bob');
  const remove = (user: string) => runVerb(server, 'user', 'remove-second-factors', { user });
  expect(await remove('bob')).toMatchObject({ error: 'conflict', reason: 'no_second_factor' });
  expect(await remove('nobody')).toMatchObject({ error: 'not_found', reason: 'unknown_user' });
});

it('keys rotate --master-key-changed says how many apps the new master key does not open', async () => {
  await userWithApp(server, 'carl');
  const answer = await runVerb(server, 'keys', 'rotate', { now: true, masterKeyChanged: true });
  expect(answer).toBeInstanceOf(WithNotice);
  expect(answer.sentence).toMatch(/^1 .*gatehouse user remove-second-factors/);
  expect(await runVerb(server, 'keys', 'rotate', { now: true })).not.toBeInstanceOf(WithNotice);
});
