/** After a crash: does everything that was answered hold, and is nothing good twice? */
import { authorizeUrl, CALLBACK, cookieOf, newBrowser, newVerifier, PASSWORD, post } from './client.ts';
import { type Chain, type CodeEntry, type ConsentEntry, type Ledger, newLedger, rotated } from './ledger.ts';
import type { Report } from './report.ts';
import type { Work } from './workload.ts';

/** Half of what a code lives: until then it must be good. */
const FRESH_MS = 15_000;

/** Looks at everything in the ledger, or at the newest `sample` of each kind. What was in doubt is settled. */
export async function verify(work: Work, report: Report, sample: number): Promise<void> {
  const { ledger } = work;
  await verifyReuse(work, report);
  for (const entry of ledger.access.slice(-sample)) await verifyAccess(work, report, entry);
  // What is in doubt is settled at once, while the predecessor still leads to the same successor.
  const chains = new Set([
    ...ledger.chains.filter(({ asked }) => asked !== 'no'),
    ...ledger.chains.slice(-sample),
  ]);
  for (const chain of chains) await verifyChain(work, report, chain);
  for (const entry of ledger.codes.filter(({ state }) => state === 'asked'))
    await settleCode(work, report, entry);
  for (const entry of ledger.codes.filter(({ state }) => state === 'issued').slice(-sample)) {
    entry.state = 'spent';
    const mustBeGood = isFresh(entry);
    const first = await redeemTwice(work, report, entry);
    if (mustBeGood && first === 400) report.fail('an acknowledged code is lost');
  }
  for (const entry of ledger.consents) await verifyConsent(work, report, entry);
  for (const entry of ledger.sessions.slice(-sample)) await verifySession(work, report, entry);
  await verifyLock(work, report);
}

async function verifyAccess({ gatehouse, clients }: Work, report: Report, entry: Ledger['access'][number]) {
  const state = entry.chain?.state === 'live' || !entry.chain ? entry.state : entry.chain.state;
  if (state === 'revocation asked') return;
  const isActive = entry.chain
    ? (await post(gatehouse, '/userinfo', { access_token: entry.token })).status === 200
    : (await post(gatehouse, '/introspect', { token: entry.token }, clients.machine)).body.active === true;
  if (state === 'revoked' && isActive) report.fail('a revoked access token is active again');
  if (state === 'live' && !isActive) report.fail('an acknowledged access token is not known');
}

async function refreshWith({ gatehouse, clients }: Work, refresh_token: string) {
  return post(gatehouse, '/token', { grant_type: 'refresh_token', refresh_token, client_id: clients.app });
}

async function verifyChain(work: Work, report: Report, chain: Chain): Promise<void> {
  if (chain.state === 'revocation asked') return;
  const { status, body } = await refreshWith(work, chain.token);
  if (chain.state === 'revoked') {
    if (status === 200) report.fail('a revoked refresh token works again');
    return;
  }
  if (status !== 200) {
    report.fail(`an acknowledged refresh token is refused: ${JSON.stringify(body)}`);
    chain.state = 'revocation asked';
    return;
  }
  // In doubt or not: the same token again, within the grace, leads to the same successor and to no second one.
  const again = await refreshWith(work, chain.token);
  if (again.body.refresh_token !== body.refresh_token) report.fail('one refresh token has two successors');
  rotated(chain, body.refresh_token);
}

/** RFC 9700 §4.14.2: the oldest chain is given up for it, as the refusal ends it. */
async function verifyReuse(work: Work, report: Report): Promise<void> {
  const chain = work.ledger.chains.find(({ state, older }) => state === 'live' && older !== undefined);
  if (chain?.older === undefined) return;
  const { status } = await refreshWith(work, chain.older);
  chain.state = status === 400 ? 'revoked' : 'revocation asked';
  if (status === 200) report.fail('a spent refresh token works again');
}

function redeem({ gatehouse, clients }: Work, { code, verifier }: CodeEntry) {
  return post(gatehouse, '/token', {
    grant_type: 'authorization_code',
    code,
    redirect_uri: CALLBACK,
    client_id: clients.app,
    code_verifier: verifier,
  });
}

function isFresh({ issuedAtMs }: CodeEntry): boolean {
  return Date.now() < issuedAtMs + FRESH_MS;
}

/** Asked and not answered: it may have been spent, and then it stays so. */
async function settleCode(work: Work, report: Report, entry: CodeEntry): Promise<void> {
  entry.state = 'spent';
  await redeemTwice(work, report, entry);
}

/** Gives the status of the first. */
async function redeemTwice(work: Work, report: Report, entry: CodeEntry): Promise<number> {
  const { status } = await redeem(work, entry);
  if ((await redeem(work, entry)).status === 200) report.fail('a code was good twice');
  return status;
}

async function verifyConsent(work: Work, report: Report, entry: ConsentEntry): Promise<void> {
  const url = authorizeUrl(work.gatehouse, entry.client_id, newVerifier(), { prompt: 'none' });
  const page = await work.browser.fetch(url);
  const isGiven = page.location?.includes('code=') === true;
  if (entry.state === 'given' && !isGiven)
    report.fail(`an acknowledged consent is forgotten: ${page.location}`);
  if (entry.state === 'none' && isGiven) report.fail('a withdrawn consent is there again');
  entry.state = isGiven ? 'given' : 'none';
}

async function verifySession(
  { gatehouse, clients }: Work,
  report: Report,
  entry: Ledger['sessions'][number],
) {
  if (entry.state === 'logout asked') return;
  const url = authorizeUrl(gatehouse, clients.app, newVerifier(), { prompt: 'none' });
  const response = await fetch(url, { headers: { cookie: entry.cookie }, redirect: 'manual' });
  const isSignedIn = response.headers.get('location')?.includes('login_required') !== true;
  if (entry.state === 'live' && !isSignedIn) report.fail('an acknowledged session is forgotten');
  if (entry.state === 'ended' && isSignedIn) report.fail('an ended session is alive again');
}

/** The right password: refused for as long as the lock surely holds. */
async function verifyLock({ gatehouse, ledger: { lock } }: Work, report: Report): Promise<void> {
  if (Date.now() > lock.lockedUntilMs) return;
  lock.looks += 1;
  const agent = newBrowser(gatehouse);
  const page = await agent.open(`${gatehouse.origin}/login`);
  await agent.submit(page, { username: 'victim', password: PASSWORD });
  if (cookieOf(agent) === '') return;
  if (Date.now() < lock.lockedUntilMs) report.fail('a locked account is open again');
  // Whoever signs in is forgiven.
  Object.assign(lock, { ...newLedger().lock, looks: lock.looks });
}

/** Every code that was spent stays spent; asked at the very end, as a valid replay revokes its grant. */
export async function verifyNoReplay(work: Work, report: Report): Promise<number> {
  const spent = work.ledger.codes.filter(({ state }) => state === 'spent');
  for (const entry of spent) {
    if ((await redeem(work, entry)).status === 200) report.fail('a spent code was good again');
  }
  return spent.length;
}
