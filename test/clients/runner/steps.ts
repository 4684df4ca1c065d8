/** What a client is taken through, in order. Its app tells at /me what it holds, and does the rest when it is asked to. */
import { decodeJwt } from 'jose';
import { alice, type ClientCredentials, type Provider } from './provider.ts';
import type { Visitor } from './visitor.ts';

export interface Journey {
  readonly provider: Provider;
  readonly client: ClientCredentials;
  readonly visitor: Visitor;
  readonly origin: string;
  readonly login: string;
  readonly logout: string;
  /** Whether it calls an API rather than userinfo. */
  readonly callsApi: boolean;
}

export const stepNames = [
  'sign-in',
  'ID token',
  'userinfo',
  'API',
  'refresh',
  'introspection',
  'sign-out',
] as const;

export type StepName = (typeof stepNames)[number];

/** Enough that the second refresh token is used too. */
const REFRESHES = 2;

export const appSteps: Record<StepName, (journey: Journey) => Promise<void>> = {
  async 'sign-in'({ visitor, login }) {
    await visitor.signIn(await visitor.leaveFor(login));
    const me = await visitor.read('/me');
    if (typeof me?.access_token !== 'string') throw new Error(`the app holds ${JSON.stringify(me)}`);
  },
  async 'ID token'({ visitor, provider, client }) {
    const { id_token: claims } = await visitor.read('/me');
    const { issuer } = provider;
    expectMembers('the ID token', claims, { iss: issuer, email: alice.email });
    if (![claims.aud].flat().includes(client.client_id)) throw new Error(`its aud is ${claims.aud}`);
  },
  async userinfo({ visitor }) {
    const { userinfo, id_token } = await visitor.read('/me');
    expectMembers('userinfo', userinfo, { email: alice.email });
    if (id_token && id_token.sub !== userinfo.sub) throw new Error('userinfo and ID token name two people');
  },
  async API({ visitor }) {
    expectMembers('the API', await visitor.read('/api'), { called: true });
  },
  async refresh({ visitor, provider, callsApi }) {
    const seen = new Set([(await visitor.read('/me')).access_token]);
    for (let count = 1; count <= REFRESHES; count += 1) {
      const { access_token, failed } = await visitor.read('/refresh');
      if (failed) throw new Error(String(failed));
      if (seen.has(access_token)) throw new Error('the access token is the one before');
      seen.add(access_token);
      if (callsApi) expectMembers('the API', await visitor.read('/api'), { called: true });
      else expectStatus(await userinfoStatus(provider, access_token), 200);
    }
  },
  async introspection({ visitor }) {
    expectMembers('introspection', await visitor.read('/introspect'), {
      active: true,
      username: alice.username,
    });
  },
  async 'sign-out'({ visitor, provider, origin, login, logout }) {
    const { access_token } = await visitor.read('/me');
    const landed = await visitor.signOut(await visitor.leaveFor(logout));
    if (!landed.startsWith(origin)) throw new Error(`the person ends on ${landed}`);
    const held = await visitor.read('/me');
    if (held !== null) throw new Error(`the app still holds ${JSON.stringify(held)}`);
    // Access that was granted for offline use goes on until it is taken back.
    expectStatus(await userinfoStatus(provider, access_token), isOffline(access_token) ? 200 : 401);
    if (!(await visitor.isAsked(await visitor.leaveFor(login))))
      throw new Error('the provider still knows the person');
  },
};

async function userinfoStatus({ issuer, send }: Provider, access_token: string): Promise<number> {
  const headers = { authorization: `Bearer ${access_token}` };
  return (await send(`${issuer}/userinfo`, { headers })).status;
}

function isOffline(access_token: string): boolean {
  return String(decodeJwt(access_token).scope).split(' ').includes('offline_access');
}

function expectStatus(seen: number, wanted: number): void {
  if (seen !== wanted) throw new Error(`userinfo answers ${seen} and should answer ${wanted}`);
}

function expectMembers(what: string, seen: unknown, wanted: Record<string, unknown>): void {
  const value = (seen ?? {}) as Record<string, unknown>;
  for (const [name, member] of Object.entries(wanted))
    if (value[name] !== member)
      throw new Error(`${what}: ${name} is not ${JSON.stringify(member)} in ${JSON.stringify(seen)}`);
}
