/** Each event that people are told of: to whom, in which words, and when it is no event. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { removeSecondFactors } from '../../src/identity/second-factors/remove-second-factors.ts';
import { setPassword, setUserDisabled, updateUser } from '../../src/identity/users/users.ts';
import { securityNotices } from '../../src/notify/security-notices.ts';
import { nextStep, setUpApp } from '../support/authenticator.ts';
import { engines, startServerOn } from '../support/engines.ts';
import { authorize, confidentialClient, redeem, refresh } from '../support/flow.ts';
import { startMailServer, type TestMailServer } from '../support/mail-server.ts';
import { PASSWORD, type TestServer } from '../support/server.ts';
import { createUserAgent, type UserAgent } from '../support/user-agent.ts';
import { runVerb } from '../support/verb.ts';

const told = new Set<string>();

describe.each(engines)('L19 on %s', (engine) => {
  let server: TestServer;
  let mails: TestMailServer;
  let username: string;
  let count = 0;
  beforeAll(async () => {
    mails = await startMailServer();
    const environment = { GATEHOUSE_SMTP_URL: mails.url, GATEHOUSE_MAIL_FROM: 'id@example.com' };
    server = await startServerOn(engine, { environment });
  }, 120_000);
  afterAll(async () => {
    await server.stop();
    await mails.stop();
  });
  beforeEach(() => {
    count += 1;
    username = `person${count}`;
  });

  /** What was mailed since the last call: address and subject, without the name of the server. */
  async function mailed(): Promise<string[]> {
    await server.gatehouse.outbox.deliverDue();
    return mails.received
      .splice(0)
      .map(({ to, header }) => `${to[0]?.split('@')[0]}: ${header('subject')?.replace(/ \(.*/, '')}`)
      .sort();
  }

  async function signIn(agent: UserAgent = createUserAgent(server.issuer)): Promise<UserAgent> {
    const page = await agent.submit(await agent.open(`${server.issuer}/account`), {
      username,
      password: PASSWORD,
    });
    expect(page.body).toContain('Your account');
    return agent;
  }

  it('a sign-in in a browser that is not known, once for each', async () => {
    await server.user(username);
    const agent = await signIn();
    expect(await mailed()).toEqual([`${username}: New sign-in to your account`]);
    agent.cookies.delete(agent.names.session);
    await signIn(agent);
    expect(await mailed()).toEqual([]);
    await signIn();
    expect(await mailed()).toEqual([`${username}: New sign-in to your account`]);
    told.add('new_browser');
  });

  it('a sign-in that fails tells nobody', async () => {
    await server.user(username);
    const agent = createUserAgent(server.issuer);
    const login = await agent.open(`${server.issuer}/account`);
    await agent.submit(login, { username, password: 'wrong wrong wrong wrong' });
    expect(await mailed()).toEqual([]);
  });

  it('a password that the operator sets', async () => {
    const { sub } = await server.user(username);
    await setPassword(server.gatehouse, sub, 'another quiet lantern tonight');
    expect(await mailed()).toEqual([`${username}: The operator set a new password for you`]);
    told.add('password_set');
  });

  it('a password that the person changes: the sessions that end with it are not told besides', async () => {
    await server.user(username);
    const agent = await signIn();
    await signIn();
    await mailed();
    const fields = {
      new_password: 'another quiet lantern tonight',
      new_password_again: 'another quiet lantern tonight',
    };
    const page = await agent.open(`${server.issuer}/account/password`);
    await agent.submit(page, { current_password: PASSWORD, ...fields });
    expect(await mailed()).toEqual([`${username}: Your password was changed`]);
    told.add('password_changed');
  });

  it('sessions that the person ends everywhere else, and none where there is no other', async () => {
    await server.user(username);
    const agent = await signIn();
    await signIn();
    await mailed();
    const endOthers = async () => {
      const page = await agent.open(`${server.issuer}/account/sessions`);
      const csrf = /name="csrf" value="([^"]*)"/.exec(page.body)?.[1] ?? '';
      await agent.fetch(`${server.issuer}/account/sessions`, {
        method: 'POST',
        body: new URLSearchParams({ csrf, all: '1' }),
        headers: { origin: new URL(server.issuer).origin },
      });
      return page.body;
    };
    await endOthers();
    expect(await mailed()).toEqual([`${username}: Sessions of your account were ended`]);
    await endOthers();
    expect(await mailed()).toEqual([]);
    told.add('sessions_ended');
  });

  it('every session that the person ends', async () => {
    await server.user(username);
    const agent = await signIn();
    await mailed();
    const page = await agent.open(`${server.issuer}/account/sign-out-everywhere`);
    await agent.submit(page, {});
    expect(await mailed()).toEqual([`${username}: Sessions of your account were ended`]);
  });

  it('sessions that the operator ends; a person without any is not told', async () => {
    await server.user(username);
    await runVerb(server, 'session', 'revoke', { users: [username] });
    expect(await mailed()).toEqual([]);
    await signIn();
    await mailed();
    await runVerb(server, 'session', 'revoke', { users: [username] });
    expect(await mailed()).toEqual([`${username}: The operator signed you out everywhere`]);
    told.add('sessions_revoked');
  });

  it('another e-mail address: the old one hears of it, also where there is no new one', async () => {
    const { sub } = await server.user(username);
    await updateUser(server.gatehouse, sub, { email: `${username}-new@example.com` });
    const subject = 'Your e-mail address was changed';
    expect(await mailed()).toEqual([`${username}-new: ${subject}`, `${username}: ${subject}`]);
    // The same address in another spelling is no other, and other claims are none.
    await updateUser(server.gatehouse, sub, {
      email: `${username}-NEW@example.com`,
      claims: { nickname: 'x' },
    });
    expect(await mailed()).toEqual([]);
    await updateUser(server.gatehouse, sub, { email: null });
    expect(await mailed()).toEqual([`${username}-NEW: ${subject}`]);
    told.add('email_changed');
  });

  it('neither address is told the other', async () => {
    const { sub } = await server.user(username);
    await updateUser(server.gatehouse, sub, { email: `${username}-new@example.com` });
    await server.gatehouse.outbox.deliverDue();
    for (const { to, raw } of mails.received.splice(0)) {
      const other = to[0]?.includes('-new') ? `${username}@example.com` : `${username}-new@example.com`;
      expect(raw).not.toContain(other);
    }
  });

  it('a refresh token that was replaced and comes back: once, with the name of the app', async () => {
    await server.user(username);
    const app = await confidentialClient(server, {
      client_name: 'Photo album',
      scope: 'openid offline_access',
    });
    const code = await authorize(server, app.client, {
      username,
      more: { scope: 'openid offline_access' },
    });
    const { body } = await redeem(server, app, code);
    await mailed();
    await refresh(server, app, body.refresh_token);
    server.clock.advance(60_000);
    for (let time = 0; time < 2; time += 1)
      expect((await refresh(server, app, body.refresh_token)).body.error).toBe('invalid_grant');
    await server.gatehouse.outbox.deliverDue();
    const [mail, ...more] = mails.received.splice(0);
    expect(mail?.header('subject')).toMatch(/^An app lost its access to your account/);
    expect(mail?.text).toContain('App: Photo album');
    expect(mail?.text).toContain(`${server.issuer}/account/apps`);
    expect(mail?.text).not.toContain('IP address');
    expect(more).toEqual([]);
    told.add('refresh_token_reused');
  });

  it('an account that the operator disables, and not one that is disabled already', async () => {
    const { sub } = await server.user(username);
    await setUserDisabled(server.gatehouse, sub, true);
    expect(await mailed()).toEqual([`${username}: Your account was switched off`]);
    await setUserDisabled(server.gatehouse, sub, true);
    await setUserDisabled(server.gatehouse, sub, false);
    expect(await mailed()).toEqual([]);
    told.add('user_disabled');
  });

  it('an authenticator app that is set up, replaced and removed, and recovery codes that are made anew', async () => {
    await server.user(username);
    const agent = await signIn();
    await mailed();
    await setUpApp(server, agent);
    // The first recovery codes come with it.
    expect(await mailed()).toEqual([`${username}: An authenticator app was set up`]);
    nextStep(server);
    await setUpApp(server, agent);
    expect(await mailed()).toEqual([`${username}: Your authenticator app was replaced`]);
    const submitAt = async (path: string, fields: Record<string, string>) =>
      agent.submit(await agent.open(`${server.issuer}${path}`), fields);
    await submitAt('/account/recovery-codes', {});
    expect(await mailed()).toEqual([`${username}: New recovery codes were made`]);
    await submitAt('/account/totp', { act: 'remove' });
    expect(await mailed()).toEqual([`${username}: Your authenticator app was removed`]);
    for (const notice of ['totp_enrolled', 'totp_replaced', 'recovery_codes_made', 'totp_removed'])
      told.add(notice);
  });

  it('second factors that the operator removes, and not where there are none', async () => {
    const { sub } = await server.user(username);
    const agent = await signIn();
    await mailed();
    const remove = () => removeSecondFactors(server.gatehouse, sub);
    expect(await remove()).toMatchObject({ reason: 'no_second_factor' });
    expect(await mailed()).toEqual([]);
    await setUpApp(server, agent);
    await mailed();
    expect(await remove()).toEqual(['totp', 'recovery_code']);
    expect(await mailed()).toEqual([`${username}: The operator removed your second factor`]);
    told.add('second_factors_removed');
  });

  it('of twenty of a kind at the same moment, three', async () => {
    const { sub } = await server.user(username);
    const { db, notices } = server.gatehouse;
    const tell = () => db.write((tx) => notices.tell(tx, sub, 'password_changed'));
    await Promise.all(Array.from({ length: 20 }, tell));
    expect(await mailed()).toHaveLength(3);
  });

  it('every notice of the table was told above', () => {
    expect([...told].sort()).toEqual(Object.keys(securityNotices).sort());
  });
});
