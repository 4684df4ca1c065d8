/** What a credential that is replaced ends, whichever factor it is of. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { accountPolicy } from '../../src/identity/attempts/throttle-policies.ts';
import { reserveAttempt } from '../../src/identity/attempts/throttling.ts';
import { beginPendingSignIn, findPendingSignIn } from '../../src/identity/pending-sign-in.ts';
import { personProven } from '../../src/identity/proof-user-was-authenticated.ts';
import { credentialReplaced, SESSIONS_STAY } from '../../src/identity/reset-after-credential-change.ts';
import { endSessionsOfUser } from '../../src/identity/sessions/end-sessions.ts';
import { findSession } from '../../src/identity/sessions/find-live-sessions.ts';
import type { SignedIn } from '../../src/identity/sign-in.ts';
import { type IdentityFixture, openIdentity, plainHasher, sourceAt } from './identity-only.ts';

const source = sourceAt('192.0.2.1');
const KINDS = ['account', 'device', 'code', 'other'];

let identity: IdentityFixture;
let signedIn: SignedIn;
let pending: string;
beforeEach(async () => {
  identity = await openIdentity({ passwordHasher: plainHasher() });
  await identity.user();
  signedIn = await identity.signedIn();
  const { sub } = signedIn.session;
  await identity.db.write(async (tx) => {
    for (const kind of KINDS) await reserveAttempt(identity, tx, `${kind}:${sub}`, accountPolicy);
    const begun = { proof: personProven(sub, ['pwd']), lacking: [], source };
    pending = (await beginPendingSignIn(identity, tx, begun)).cookieValue;
  });
});
afterEach(() => identity.close());

async function counted(): Promise<readonly string[]> {
  const { sub } = signedIn.session;
  const counts = await Promise.all(KINDS.map((kind) => identity.attempts(`${kind}:${sub}`)));
  return KINDS.filter((_kind, index) => counts[index] !== undefined);
}

describe.each([
  ['first', ['other']],
  ['second', ['account', 'device', 'other']],
] as const)('of a factor that comes %s', (comes, left) => {
  it('its counts are forgiven, and what is pending is over', async () => {
    const { sub } = signedIn.session;
    await identity.db.write((tx) => credentialReplaced(tx, { name: 'code', comes }, sub, SESSIONS_STAY));
    expect(await counted()).toEqual(left);
    expect(await findPendingSignIn(identity, pending)).toBeUndefined();
    expect(await findSession(identity, signedIn.cookieValue)).toBeDefined();
  });

  it('the sessions that are named end with it', async () => {
    const { sub } = signedIn.session;
    await identity.db.write((tx) =>
      credentialReplaced(tx, { name: 'code', comes }, sub, () =>
        endSessionsOfUser(identity, tx, sub, '', source),
      ),
    );
    expect(await findSession(identity, signedIn.cookieValue)).toBeUndefined();
  });
});
