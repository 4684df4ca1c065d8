/** All operations mixed, by several hands, until the server goes away. */
import { accountPolicy } from '../../src/identity/attempts/throttle-policies.ts';
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
import {
  type AccessEntry,
  type Chain,
  type CodeEntry,
  type ConsentEntry,
  type Ledger,
  newChain,
  rotated,
  type SessionEntry,
} from './ledger.ts';
import type { Gatehouse } from './server-process.ts';

export interface Work {
  readonly gatehouse: Gatehouse;
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

async function redeemNew(work: Work): Promise<void> {
  const entry = await askCode(work);
  if (Math.random() >= 0.2) await redeemCode(work, entry);
}

export async function askCode({ gatehouse, clients, ledger, browser }: Work): Promise<CodeEntry> {
  const verifier = newVerifier();
  const code = (await authorize(browser, authorizeUrl(gatehouse, clients.app, verifier))).get('code');
  if (code === null) throw new Error('no code');
  const entry: CodeEntry = { code, verifier, issuedAtMs: Date.now(), state: 'issued' };
  ledger.codes.push(entry);
  return entry;
}

export async function redeemCode({ gatehouse, clients, ledger }: Work, entry: CodeEntry): Promise<Chain> {
  entry.state = 'asked';
  const { code, verifier } = entry;
  const form = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, client_id: clients.app };
  const { status, body } = answered(
    await post(gatehouse, '/token', { ...form, code_verifier: verifier }),
    'code',
  );
  if (status !== 200) throw new Unexpected(status, `a fresh code: ${JSON.stringify(body)}`);
  entry.state = 'spent';
  const chain = newChain(body.refresh_token);
  ledger.chains.push(chain);
  ledger.access.push({ token: body.access_token, chain, state: 'live' });
  return chain;
}

async function rotateOne(work: Work): Promise<void> {
  const live = work.ledger.chains.filter(({ state, asked }) => state === 'live' && asked !== 'under way');
  // As apps do: what was not answered is asked again at once.
  const inDoubt = live.find(({ asked }) => asked === 'in doubt');
  const chain = inDoubt ?? live[Math.floor(Math.random() * live.length)];
  if (chain) await rotate(work, chain);
}

export async function rotate({ gatehouse, clients }: Work, chain: Chain): Promise<void> {
  chain.asked = 'under way';
  const form = { grant_type: 'refresh_token', refresh_token: chain.token, client_id: clients.app };
  const { status, body } = await post(gatehouse, '/token', form)
    .then((answer) => answered(answer, 'refresh'))
    .catch((error) => {
      chain.asked = 'in doubt';
      throw error;
    });
  if (status !== 200) throw new Unexpected(status, `a live refresh token: ${JSON.stringify(body)}`);
  rotated(chain, body.refresh_token);
}

export async function machineToken({ gatehouse, clients, ledger }: Work): Promise<AccessEntry> {
  const { status, body } = answered(
    await post(gatehouse, '/token', { grant_type: 'client_credentials' }, clients.machine),
    'client_credentials',
  );
  if (status !== 200) throw new Unexpected(status, 'client_credentials');
  const entry: AccessEntry = { token: body.access_token, chain: undefined, state: 'live' };
  ledger.access.push(entry);
  return entry;
}

async function revokeOne(work: Work): Promise<void> {
  const { chains } = work.ledger;
  const chain = chains.find((one) => one.state === 'live' && one.asked === 'no');
  if (chain && chains.length >= 5) await revokeRefresh(work, chain);
}

export async function revokeRefresh({ gatehouse, clients }: Work, chain: Chain): Promise<void> {
  chain.state = 'revocation asked';
  answered(await post(gatehouse, '/revoke', { token: chain.token, client_id: clients.app }), 'revoke');
  chain.state = 'revoked';
}

export async function revokeAccess(work: Work): Promise<void> {
  const { gatehouse, clients } = work;
  const entry = await machineToken(work);
  entry.state = 'revocation asked';
  const { status } = answered(
    await post(gatehouse, '/revoke', { token: entry.token }, clients.machine),
    'revoke',
  );
  if (status !== 200) throw new Unexpected(status, 'revoke');
  entry.state = 'revoked';
}

/** Gives a consent or takes it back, with a browser and a user of its own. */
async function changeFirstConsent(work: Work): Promise<void> {
  const [entry] = work.ledger.consents;
  if (entry) await changeConsent(work, entry);
}

export async function changeConsent(work: Work, entry: ConsentEntry): Promise<void> {
  const { gatehouse } = work;
  const { client_id } = entry;
  if (entry.state === 'asked') return;
  const was = entry.state;
  entry.state = 'asked';
  if (was === 'none') {
    const response = await authorize(work.browser, authorizeUrl(gatehouse, client_id, newVerifier()));
    if (response.get('code') === null) throw new Error('no code');
    entry.state = 'given';
    return;
  }
  const page = await work.browser.open(`${gatehouse.origin}/account/apps`);
  const after = await work.browser.submit(page, { client_id });
  refuseFault(after.status, 'withdraw');
  entry.state = 'none';
}

async function signInAndOut(work: Work): Promise<void> {
  const visit = await signInAsBob(work);
  if (Math.random() >= 0.4) await signOut(work, visit);
}

export interface Visit {
  readonly agent: UserAgent;
  readonly entry: SessionEntry;
}

export async function signInAsBob({ gatehouse, ledger }: Work): Promise<Visit> {
  const agent = await signIn(gatehouse, 'bob');
  const entry: SessionEntry = { cookie: cookieOf(agent), state: 'live' };
  ledger.sessions.push(entry);
  return { agent, entry };
}

export async function signOut({ gatehouse }: Work, { agent, entry }: Visit): Promise<void> {
  entry.state = 'logout asked';
  const page = await agent.open(`${gatehouse.origin}/logout`);
  const after = await agent.submit(page, { csrf: /name="csrf" value="([^"]*)"/.exec(page.body)?.[1] ?? '' });
  refuseFault(after.status, 'logout');
  entry.state = 'ended';
}

/** A wrong password for the victim, from a new address each time; never while the account may be locked. */
export async function attackAccount({ gatehouse, ledger: { lock } }: Work): Promise<void> {
  const sentMs = Date.now();
  if (sentMs < lock.openFromMs) return;
  // One at a time: another within the pause would not count.
  lock.openFromMs = Number.POSITIVE_INFINITY;
  lock.mostFailures += 1;
  try {
    const agent = newBrowser(gatehouse);
    const page = await agent.open(`${gatehouse.origin}/login`);
    const after = await agent.submit(page, { username: 'victim', password: 'wrong wrong wrong' });
    refuseFault(after.status, 'a wrong password');
    if (after.status !== 200) throw new Unexpected(after.status, 'a wrong password');
    lock.failures += 1;
    lock.lockedUntilMs = Math.max(lock.lockedUntilMs, sentMs + pauseMs(lock.failures));
  } finally {
    lock.openFromMs = Date.now() + pauseMs(lock.mostFailures);
  }
}

function pauseMs(failures: number): number {
  const { free, firstPauseMs, longestPauseMs } = accountPolicy;
  return failures < free ? 0 : Math.min(firstPauseMs * 2 ** (failures - free), longestPauseMs);
}

const mix: readonly ((work: Work) => Promise<unknown>)[] = [
  redeemNew,
  rotateOne,
  rotateOne,
  machineToken,
  revokeOne,
  revokeAccess,
  changeFirstConsent,
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
