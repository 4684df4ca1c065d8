/** Each cookie that is set and cleared, byte for byte, in the order in which the lines come. RFC 6265 §4.1 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { authorizeUrl, newPkce, passPages, publicClient, requestOf } from '../support/flow.ts';
import { freePort } from '../support/free-port.ts';
import { PASSWORD, startServer, type TestServer } from '../support/server.ts';
import type { Outgoing, UserAgent } from '../support/user-agent.ts';
import { createUserAgent } from '../support/user-agent.ts';
import { exchange } from './raw.ts';

let server: TestServer;

/** Told as https by a proxy: names and attributes follow the issuer, and what it is sent comes over plain HTTP. */
async function startAs(issuer: string, port: number): Promise<TestServer> {
  const environment = {
    GATEHOUSE_ISSUER: issuer,
    GATEHOUSE_MASTER_KEY: 'a master key for this test alone, of 32 characters',
    GATEHOUSE_TRUSTED_PROXIES: '127.0.0.1',
  };
  const started = await startServer({ port, environment });
  await started.user();
  await started.user('bob');
  return { ...started, issuer };
}

beforeAll(async () => {
  server = await startServer();
  await server.user();
  await server.user('bob');
});
afterAll(() => server.stop());

/** What chance made: ids, and the mark of an issuer with a port. */
function withoutChance(line: string): string {
  return line.replace(/[\w-]{30,}/g, '<id>').replace(/(gatehouse_[a-z]+_)[\w-]{8}=/, '$1<mark>=');
}

interface Lines {
  readonly step: string;
  readonly lines: readonly string[];
}

/** Goes through all that sets a cookie, and gives the lines by step. */
async function setCookies(at: TestServer, port: number): Promise<readonly Lines[]> {
  const told: Lines[] = [];
  let step = '';
  const send = async (url: string, init: Outgoing) => {
    const own = url.replace(new URL(at.issuer).origin, `http://localhost:${port}`);
    const forwarded = { 'x-forwarded-proto': new URL(at.issuer).protocol.slice(0, -1) };
    const response = await fetch(own, {
      ...init,
      headers: { ...init.headers, ...forwarded },
      redirect: 'manual',
    });
    const lines = response.headers.getSetCookie().map(withoutChance);
    if (lines.length > 0)
      told.push({ step: `${step}: ${init.method ?? 'GET'} ${new URL(url).pathname}`, lines });
    return response;
  };
  const agent = createUserAgent(at.issuer, {}, send);
  const app = await publicClient(at);
  const open = (path: string) => agent.open(`${at.issuer}${path}`);
  const as = (username: string) => ({ username, password: PASSWORD });
  const steps: readonly [string, () => Promise<unknown>][] = [
    ['language', () => open('/language?lang=de&back=/login')],
    ['wrong password', async () => agent.submit(await open('/login'), { ...as('alice'), password: 'wrong' })],
    ['sign in', async () => agent.submit(await open('/login'), as('alice'))],
    ['another', async () => agent.submit(await open('/login?account=another'), as('bob'))],
    ['choose', async () => chooseLast(agent, at)],
    [
      'authorization',
      async () => passPages(agent, await agent.open(authorizeUrl(at, requestOf(app.client, newPkce())))),
    ],
    ['new password', async () => agent.submit(await open('/account/password'), newPassword)],
    ['sign out', async () => agent.submit(await open('/logout'), {})],
    ['sign out the last', async () => signOutLast(agent, at)],
    [
      'without cookies',
      () => createUserAgent(at.issuer, {}, send).open(authorizeUrl(at, requestOf(app.client, newPkce()))),
    ],
    ['error', () => createUserAgent(at.issuer, {}, send).open(`${at.issuer}/authorize`)],
    ['nowhere', () => createUserAgent(at.issuer, { accept: 'text/html' }, send).open(`${at.issuer}/nowhere`)],
  ];
  for (const [name, act] of steps) {
    step = name;
    await act();
  }
  return told;
}

const newPassword = {
  current_password: PASSWORD,
  new_password: `${PASSWORD}, and more`,
  new_password_again: `${PASSWORD}, and more`,
};

async function chooseLast(agent: UserAgent, at: TestServer): Promise<void> {
  const chooser = await agent.open(`${at.issuer}/select-account`);
  const sids = [...chooser.body.matchAll(/name="account" value="([^"]+)" id="account-\d"/g)];
  await agent.submit(chooser, { account: sids.at(-1)?.[1] ?? '' });
}

/** Whoever is left is chosen first. */
async function signOutLast(agent: UserAgent, at: TestServer): Promise<void> {
  await chooseLast(agent, at);
  await agent.submit(await agent.open(`${at.issuer}/logout`), {});
}

it.each([
  ['in development', 'http', 'development'],
  ['of a host of its own', 'https', 'https'],
])(
  'L10 each cookie is set and cleared as test/wire/set-cookies-….txt says, %s',
  { timeout: 60_000 },
  async (_where, scheme, file) => {
    const port = await freePort();
    const issuer = scheme === 'http' ? `http://localhost:${port}` : 'https://id.example.com';
    const at = await startAs(issuer, port);
    const told = await setCookies(at, port);
    await at.stop();
    const names = new Set(
      told.flatMap(({ lines }) => lines.map((line) => /gatehouse_([a-z]+)/.exec(line)?.[1])),
    );
    expect([...names].sort()).toEqual(['accounts', 'browser', 'device', 'language', 'notice', 'session']);
    const text = told
      .map(({ step, lines }) => `${step}\n${lines.map((line) => `  ${line}\n`).join('')}`)
      .join('');
    await expect(text).toMatchFileSnapshot(`../wire/set-cookies-${file}.txt`);
  },
);

it('A074 two cookies of one name are refused on the raw header, whatever their values', async () => {
  const agent = createUserAgent(server.issuer);
  await agent.submit(await agent.open(`${server.issuer}/login`), { username: 'alice', password: PASSWORD });
  const name = agent.names.session;
  const own = `${name}=${agent.cookies.get(name)}`;
  const statusWith = async (...lines: string[]) => {
    const head = ['GET /account HTTP/1.1', 'Host: localhost', ...lines, 'Connection: close'].join('\r\n');
    return (await exchange(Number(new URL(server.issuer).port), `${head}\r\n\r\n`)).slice(9, 12);
  };
  expect(await statusWith(`Cookie: ${own}`)).toBe('200');
  expect(await statusWith(`Cookie: other=1; ${own}; __proto__=x`)).toBe('200');
  for (const second of [own, `${name}=x`, `${name}=`, ` ${name} =x`, `${name}="x"`]) {
    expect(await statusWith(`Cookie: ${own}; ${second}`), second).toBe('303');
    expect(await statusWith(`Cookie: ${second}; ${own}`), second).toBe('303');
    // RFC 9113 §8.2.3 alone lets a client split it; Node joins the lines.
    expect(await statusWith(`Cookie: ${own}`, `Cookie: ${second}`), second).toBe('303');
  }
});
