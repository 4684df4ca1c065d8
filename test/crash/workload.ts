/** All operations mixed, by several hands, until the server goes away. */
import type { UserAgent } from '../support/user-agent.ts';
import {
  type Answer,
  authorize,
  authorizeUrl,
  CALLBACK,
  type Clients,
  cookieOf,
  newBrowser,
  newVerifier,
  post,
  refuseFault,
  signIn,
  Unexpected,
} from './client.ts';
import type { AccessEntry, Chain, Ledger } from './ledger.ts';
import type { House } from './server-process.ts';

export interface Work {
  readonly house: House;
  readonly clients: Clients;
  readonly ledger: Ledger;
  /** Signed in as alice; survives the crashes, as a browser does. */
  readonly browser: UserAgent;
  isOver: boolean;
}

function answered(answer: Answer, what: string): Answer {
  refuseFault(answer.status, what);
  return answer;
}

export async function redeemNew({ house, clients, ledger, browser }: Work): Promise<void> {
  const verifier = newVerifier();
  const code = (await authorize(browser, authorizeUrl(house, clients.app, verifier))).get('code');
  if (code === null) throw new Error('no code');
  const entry: Ledger['codes'][number] = { code, verifier, state: 'issued' };
  ledger.codes.push(entry);
  if (Math.random() < 0.2) return;
  entry.state = 'asked';
  const form = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, client_id: clients.app };
  const { status, body } = answered(
    await post(house, '/token', { ...form, code_verifier: verifier }),
    'code',
  );
  if (status !== 200) throw new Unexpected(status, `a fresh code: ${JSON.stringify(body)}`);
  entry.state = 'spent';
  const chain: Chain = { token: body.refresh_token, previous: undefined, isAsked: false, state: 'live' };
  ledger.chains.push(chain);
  ledger.access.push({ token: body.access_token, chain, state: 'live' });
}

export async function rotate({ house, clients, ledger }: Work): Promise<void> {
  const live = ledger.chains.filter((chain) => chain.state === 'live' && !chain.isAsked);
  const chain = live[Math.floor(Math.random() * live.length)];
  if (!chain) return;
  chain.isAsked = true;
  const form = { grant_type: 'refresh_token', refresh_token: chain.token, client_id: clients.app };
  const { status, body } = answered(await post(house, '/token', form), 'refresh');
  if (status !== 200) throw new Unexpected(status, `a live refresh token: ${JSON.stringify(body)}`);
  chain.previous = chain.token;
  chain.token = body.refresh_token;
  chain.isAsked = false;
}

export async function machineToken({ house, clients, ledger }: Work): Promise<AccessEntry> {
  const { status, body } = answered(
    await post(house, '/token', { grant_type: 'client_credentials' }, clients.machine),
    'client_credentials',
  );
  if (status !== 200) throw new Unexpected(status, 'client_credentials');
  const entry: AccessEntry = { token: body.access_token, chain: undefined, state: 'live' };
  ledger.access.push(entry);
  return entry;
}

export async function revokeRefresh({ house, clients, ledger }: Work): Promise<void> {
  const chain = ledger.chains.find((one) => one.state === 'live' && !one.isAsked);
  if (!chain || ledger.chains.length < 5) return;
  chain.isAsked = true;
  chain.state = 'revocation asked';
  answered(await post(house, '/revoke', { token: chain.token, client_id: clients.app }), 'revoke');
  chain.state = 'revoked';
}

export async function revokeAccess(work: Work): Promise<void> {
  const { house, clients } = work;
  const entry = await machineToken(work);
  entry.state = 'revocation asked';
  const { status } = answered(
    await post(house, '/revoke', { token: entry.token }, clients.machine),
    'revoke',
  );
  if (status !== 200) throw new Unexpected(status, 'revoke');
  entry.state = 'revoked';
}

/** Gives a consent or takes it back, with a browser and a user of its own. */
export async function changeConsent(work: Work): Promise<void> {
  const { house, clients, ledger } = work;
  const [entry] = ledger.consents;
  if (!entry || entry.state === 'asked') return;
  const was = entry.state;
  entry.state = 'asked';
  if (was === 'none') {
    const response = await authorize(work.browser, authorizeUrl(house, clients.shy, newVerifier()));
    if (response.get('code') === null) throw new Error('no code');
    entry.state = 'given';
    return;
  }
  const page = await work.browser.open(`${house.origin}/account/apps`);
  const after = await work.browser.submit(page, { client_id: clients.shy });
  refuseFault(after.status, 'withdraw');
  entry.state = 'none';
}

export async function signInAndOut({ house, ledger }: Work): Promise<void> {
  const agent = await signIn(house, 'bob');
  const entry: Ledger['sessions'][number] = { cookie: cookieOf(agent), state: 'live' };
  ledger.sessions.push(entry);
  if (Math.random() < 0.4) return;
  entry.state = 'logout asked';
  const page = await agent.open(`${house.origin}/logout`);
  const after = await agent.submit(page, { csrf: /name="csrf" value="([^"]*)"/.exec(page.body)?.[1] ?? '' });
  refuseFault(after.status, 'logout');
  entry.state = 'ended';
}

/** Wrong passwords for mallory's victim, from many addresses, until the account is locked for long. */
export async function attackAccount({ house, ledger }: Work): Promise<void> {
  const agent = newBrowser(house);
  const page = await agent.open(`${house.origin}/login`);
  const after = await agent.submit(page, { username: 'victim', password: 'wrong wrong wrong' });
  if (after.status === 429) {
    const untilMs = Date.now() + Number(after.headers.get('retry-after')) * 1000;
    ledger.lockedUntilMs = Math.max(ledger.lockedUntilMs, untilMs);
  }
}

const mix: readonly ((work: Work) => Promise<unknown>)[] = [
  redeemNew,
  rotate,
  rotate,
  machineToken,
  revokeRefresh,
  revokeAccess,
  changeConsent,
  signInAndOut,
  attackAccount,
];

/** One hand; gives what no crash explains. */
export async function runHand(work: Work, first: number): Promise<Unexpected[]> {
  const faults: Unexpected[] = [];
  for (let turn = first; !work.isOver; turn += 1) {
    try {
      await (mix[turn % mix.length] as (typeof mix)[number])(work);
      work.ledger.operations += 1;
    } catch (error) {
      if (error instanceof Unexpected) faults.push(error);
      // The server is gone or busy: the ledger says what was only asked.
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
  return faults;
}
