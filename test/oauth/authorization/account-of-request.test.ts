/** Which of the people who are signed in in one browser a request is about. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endSession } from '../../../src/identity/sessions/end-sessions.ts';
import {
  otherSessionsCookie,
  type SessionCookies,
} from '../../../src/identity/sessions/several-sessions-in-browser.ts';
import type { StartedSession } from '../../../src/identity/sessions/start-or-renew-session.ts';
import { accountFor } from '../../../src/oauth/authorization/account-of-request.ts';
import { NOTHING_ASKED } from '../../../src/oauth/authorization/authorization-request-types.ts';
import type { Done } from '../../../src/oauth/authorization/situation-for-next-step.ts';
import { ANOTHER_ACCOUNT } from '../../../src/oauth/authorization/steps/read-selected-account.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { newPerson, signIn } from './signed-in.ts';

let server: TestServer;
let alice: StartedSession;
let bob: StartedSession;
let cookies: SessionCookies;
beforeAll(async () => {
  server = await startServer();
  alice = await signIn(server, await newPerson(server, 'alice'));
  bob = await signIn(server, await newPerson(server, 'bob'));
  cookies = { session: alice.cookieValue, otherSessions: otherSessionsCookie([bob]) };
});
afterAll(() => server.stop());

async function subFor(hinted_sub: string | undefined, done: Done = {}, sent = cookies) {
  const found = await accountFor(server.gatehouse, sent, { asked: { ...NOTHING_ASKED, hinted_sub } }, done);
  return [found.session?.sub, found.otherAccounts];
}

describe('a request is about', () => {
  it('the active account, where it hints at no user, or at one who is not signed in here', async () => {
    expect(await subFor(undefined)).toEqual([alice.session.sub, 1]);
    expect(await subFor('unknown')).toEqual([alice.session.sub, 1]);
    expect(await subFor(alice.session.sub)).toEqual([alice.session.sub, 1]);
  });

  it('the account that it hints at, where that one is signed in beside the active one', async () => {
    expect(await subFor(bob.session.sub)).toEqual([bob.session.sub, 1]);
    const waiting = { otherSessions: otherSessionsCookie([bob]) };
    expect(await subFor(bob.session.sub, {}, waiting)).toEqual([bob.session.sub, 1]);
  });

  it('the account that was chosen or signed in during the interaction, whatever it hints at', async () => {
    for (const done of [
      { 'select-account': { sub: alice.session.sub } },
      { 'select-account': { sub: ANOTHER_ACCOUNT } },
      { login: { sid: alice.session.sid } },
    ])
      expect(await subFor(bob.session.sub, done), JSON.stringify(done)).toEqual([alice.session.sub, 1]);
  });

  it('no account, where the browser sent no session or only one that ended', async () => {
    expect(await subFor(bob.session.sub, {}, {})).toEqual([undefined, 0]);
    const carol = await signIn(server, await newPerson(server, 'carol'));
    await endSession(server.gatehouse, carol.session.sid, undefined);
    const over = { session: alice.cookieValue, otherSessions: otherSessionsCookie([carol]) };
    expect(await subFor(carol.session.sub, {}, over)).toEqual([alice.session.sub, 0]);
  });
});
