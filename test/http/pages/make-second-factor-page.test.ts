/** The page that every second factor has: what it answers, by the factor and its form alone. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pages } from '../../../src/http/pages/index.ts';
import { secondFactorPage } from '../../../src/http/pages/make-second-factor-page.ts';
import type { Page } from '../../../src/http/pages/page.ts';
import { accountPolicy } from '../../../src/identity/attempts/throttle-policies.ts';
import type { Factor, SecondFactor } from '../../../src/identity/factors/factor.ts';
import { factors } from '../../../src/identity/factors/index.ts';
import { personProven, unproven } from '../../../src/identity/proof-user-was-authenticated.ts';
import { QueueFullError } from '../../../src/lib/bounded-priority-work-queue.ts';
import { steps } from '../../../src/oauth/authorization/steps/index.ts';
import { stepOfFactor } from '../../../src/oauth/authorization/steps/second-factor-steps.ts';
import type { Step } from '../../../src/oauth/authorization/steps/step.ts';
import { refuseFactorsWithoutPage } from '../../../src/oauth/page-models/refuse-factors-without-page.ts';
import { authorizeUrl, newPkce, publicClient, requestOf } from '../../support/flow.ts';
import { PASSWORD, startServer, type TestServer } from '../../support/server.ts';
import { createUserAgent, formOf, type Page as Shown, type UserAgent } from '../../support/user-agent.ts';

/** The right code is 123456; 999999 finds no place to be looked at. */
const factor: SecondFactor<{ readonly code: string }, object> = {
  name: 'toy',
  amr: ['otp'],
  step: 'toy-factor',
  comes: 'second',
  guesses: accountPolicy,
  isEnrolled: async () => true,
  async look(_context, { code }) {
    if (code === '999999') throw new QueueFullError(7);
    return code === '123456' ? {} : unproven('wrong_password');
  },
  confirm: async (_context, _tx, sub) => personProven(sub, ['otp']),
};
let server: TestServer;
beforeAll(async () => {
  const read = ({ code }: Readonly<Record<string, string>>) => ({ code: code ?? '' });
  (pages as Page[]).push(secondFactorPage(factor, { view: 'login', read }));
  (factors as Factor[]).push(factor);
  (steps as Step[]).push(stepOfFactor(factor));
  server = await startServer();
});
afterAll(() => server.stop());

const at = (path: string) => server.issuer + path;

/** Somebody whose password was right, at the page; `path` is where they began. */
async function atPage(username: string, path = at('/login')): Promise<{ agent: UserAgent; page: Shown }> {
  await server.user(username);
  const agent = createUserAgent(server.issuer);
  const page = await agent.submit(await agent.open(path), { username, password: PASSWORD });
  expect(new URL(page.url).pathname).toBe('/toy-factor');
  return { agent, page };
}

const send = (agent: UserAgent, fields: Record<string, string>) =>
  agent.fetch(at('/toy-factor'), {
    method: 'POST',
    body: new URLSearchParams(fields),
    headers: { origin: new URL(server.issuer).origin },
  });

async function appUrl(): Promise<string> {
  const { client } = await publicClient(server);
  return authorizeUrl(server, requestOf(client, newPkce()));
}

describe('the page of a second factor', () => {
  it('shows a wrong one again, and signs in by a right one', async () => {
    const { agent, page } = await atPage('ina');
    const { fields } = formOf(page);
    const wrong = await send(agent, { ...fields, code: '000000' });
    expect([wrong.status, wrong.body]).toEqual([200, expect.stringContaining('id="problem"')]);
    const right = await send(agent, { ...fields, code: '123456' });
    expect([right.status, right.location]).toEqual([303, expect.stringMatching(/\/account$/)]);
    expect((await agent.open(at('/account'))).body).toContain('ina');
  });

  it('says 429 and 503, and when to come back', async () => {
    const { agent, page } = await atPage('tim');
    const { fields } = formOf(page);
    const busy = await send(agent, { ...fields, code: '999999' });
    expect([busy.status, busy.headers.get('retry-after')]).toEqual([503, '7']);
    for (let tries = 0; tries < 5; tries += 1) await send(agent, { ...fields, code: '000000' });
    const throttled = await send(agent, { ...fields, code: '123456' });
    expect([throttled.status, throttled.headers.get('retry-after')]).toEqual([429, '1']);
  });

  it('takes no form but its own', async () => {
    const { agent, page } = await atPage('eve');
    const { csrf, ...rest } = formOf(page).fields;
    expect((await send(agent, { ...rest, code: '123456' })).status).toBe(403);
    const { csrf: ofLogin = '' } = formOf(await agent.open(at('/login'))).fields;
    expect(ofLogin).not.toBe(csrf);
    expect((await send(agent, { ...rest, csrf: ofLogin, code: '123456' })).status).toBe(403);
  });

  it('leads to the sign-in who took too long, and who began none', async () => {
    const { agent, page } = await atPage('otto');
    server.clock.advance(601_000);
    const late = await send(agent, { ...formOf(page).fields, code: '123456' });
    expect([late.status, late.location]).toEqual([303, expect.stringMatching(/\/login$/)]);
    const stranger = await createUserAgent(server.issuer).fetch(at('/toy-factor'));
    expect([stranger.status, stranger.location]).toEqual([303, expect.stringMatching(/\/login$/)]);
  });

  it('shows and completes no interaction of another browser', async () => {
    const first = await atPage('ada', await appUrl());
    const interaction = new URL(first.page.url).searchParams.get('interaction') ?? '';
    const { agent } = await atPage('bert');
    expect((await agent.fetch(at(`/toy-factor?interaction=${interaction}`))).status).toBe(403);
    const own = await atPage('carl', await appUrl());
    const forged = { ...formOf(own.page).fields, interaction, code: '123456' };
    expect((await send(own.agent, forged)).status).toBe(403);
  });
});

describe('a factor whose step is mistyped', () => {
  it.each([
    ['of no step', 'toy-facter', 'there is no step of that name'],
    ['of a step without a page in the table', 'toy-factor', 'there is no page /toy-factor'],
  ])('%s is refused before the server starts', (_which, name, fault) => {
    const paths = pages.map(({ path }) => path).filter((path) => path !== '/toy-factor');
    expect(() => refuseFactorsWithoutPage(paths, [{ name: 'toy', step: name }])).toThrow(fault);
  });

  it('the factors that there are lead to their pages', () => {
    expect(() => refuseFactorsWithoutPage(pages.map(({ path }) => path))).not.toThrow();
  });

  it('no server starts', async () => {
    (factors as Factor[]).push({ ...factor, name: 'mistyped', step: 'toy-facter' });
    await expect(startServer()).rejects.toThrow('the factor mistyped names the step toy-facter');
    (factors as Factor[]).pop();
  });
});
