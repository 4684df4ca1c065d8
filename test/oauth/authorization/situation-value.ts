/** What is so of one authorization, as a value: somebody signed in by password a second ago, and nothing is asked. */
import type { Session } from '../../../src/identity/sessions/session-type.ts';
import { type Asked, NOTHING_ASKED } from '../../../src/oauth/authorization/authorization-request-types.ts';
import type { Situation } from '../../../src/oauth/authorization/situation-for-next-step.ts';

export const NOW = 1_000_000;

export const session = {
  sid: 's',
  sub: 'u',
  authTimeMs: NOW - 1000,
  amr: ['pwd'],
  address: '',
  userAgent: '',
  createdAtMs: NOW - 1000,
  seenAtMs: NOW - 1000,
} as Partial<Session> as Session;

export function situation(asked: Partial<Asked> = {}, more: Partial<Situation> = {}): Situation {
  return {
    client: undefined,
    request: { asked: { ...NOTHING_ASKED, ...asked } },
    session,
    otherAccounts: 0,
    consent: undefined,
    factors: [],
    done: {},
    nowMs: NOW,
    ...more,
  };
}
