/** One person with many apps: what ended sessions cost, and what it costs to end very many live ones. */
import { randomBytes } from 'node:crypto';
import { storePast } from '../test/support/past.ts';
import { createUserAgent, type UserAgent } from '../test/support/user-agent.ts';
import { REDIRECT_URI } from './clients.ts';
import { expectOk, measure, type PastFigure, type Run, runVerb } from './past-run.ts';
import { PASSWORD } from './subjects/gatehouse.ts';

const ENDED = 10_000;
/** The default cap of sessions of one person. */
const LIVE = 1000;
const ENDED_APPS = 20;
const LIVE_APPS = 100;
const AGAIN = 3;
/** No server listens at this address. */
const NOWHERE = 'https://192.0.2.1/logout';

export async function measureApps(run: Run): Promise<PastFigure[]> {
  const apps = await createApps(run);
  return [...(await measureEnded(run, apps.slice(0, ENDED_APPS))), ...(await measureLive(run, apps))];
}

/** Each app registers to be notified of every session by its sid. */
async function createApps({ gatehouse }: Run): Promise<string[]> {
  const metadata = {
    redirect_uris: [REDIRECT_URI],
    token_endpoint_auth_method: 'none',
    backchannel_logout_uri: NOWHERE,
    backchannel_logout_session_required: true,
  };
  const ids: string[] = [];
  for (let index = 0; index < LIVE_APPS; index += 1) {
    const created = await runVerb(gatehouse, 'client', 'create', {
      metadata: { ...metadata, client_name: `app ${index}` },
    });
    ids.push((created as { client_id: string }).client_id);
  }
  return ids;
}

interface Person {
  readonly username: string;
  readonly sub: string;
  signIn(): Promise<UserAgent>;
}

/** A person with so many sessions; each app got a grant in each of them. */
async function newPerson(
  { gatehouse, origin }: Run,
  sessions: number,
  apps: readonly string[],
): Promise<Person> {
  const username = `apps-${randomBytes(6).toString('hex')}`;
  const { sub } = (await runVerb(gatehouse, 'user', 'create', { username, password: PASSWORD })) as {
    sub: string;
  };
  await storePast(gatehouse, { sub, clientIds: [], sessions, grants: 0 });
  const perSession =
    'INSERT INTO session_clients (sid, client_id, sub) SELECT sid, $2, sub FROM sessions WHERE sub = $1';
  // One transaction each, so that a server on the same database does not wait long for any of them.
  for (const app of apps) await gatehouse.db.write((tx) => tx.run(perSession, sub, app));
  return {
    username,
    sub,
    async signIn() {
      const agent = createUserAgent(origin);
      await agent.submit(await agent.open(`${origin}/login`), { username, password: PASSWORD });
      return agent;
    },
  };
}

async function measureEnded(run: Run, apps: readonly string[]): Promise<PastFigure[]> {
  const { gatehouse, origin } = run;
  const what = `after ${ENDED} sessions with ${apps.length} apps each`;
  const person = await newPerson(run, ENDED, apps);
  await runVerb(gatehouse, 'user', 'set-password', { user: person.username, password: PASSWORD });
  await gatehouse.onSessionsEnd.rest(person.sub);
  const agent = await person.signIn();
  const path = `${origin}/account/sign-out-everywhere`;
  const page = expectOk(await agent.open(path));
  return [
    await measure(run, `GET /account/sign-out-everywhere ${what}`, () => agent.open(path), AGAIN),
    await measure(run, `POST /account/sign-out-everywhere ${what}`, () => agent.submit(page, {}), 1),
    await measure(run, `user disable ${what}`, () => disable(run, person), 1),
  ];
}

function disable({ gatehouse }: Run, { username }: Person): Promise<unknown> {
  return runVerb(gatehouse, 'user', 'disable', { user: username });
}

async function measureLive(run: Run, apps: readonly string[]): Promise<PastFigure[]> {
  const what = `with ${LIVE} live sessions in ${apps.length} apps each`;
  const path = `${run.origin}/account/sign-out-everywhere`;
  const person = await newPerson(run, LIVE, apps);
  const agent = await person.signIn();
  const page = expectOk(await agent.open(path));
  const figures = [
    await measure(run, `GET /account/sign-out-everywhere ${what}`, () => agent.open(path), AGAIN),
    await measure(run, `POST /account/sign-out-everywhere ${what}`, () => agent.submit(page, {}), 1),
  ];
  const other = await newPerson(run, LIVE, apps);
  return [...figures, await measure(run, `user disable ${what}`, () => disable(run, other), 1)];
}
