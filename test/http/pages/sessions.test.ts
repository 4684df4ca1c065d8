import { afterAll, beforeAll, expect, it } from 'vitest';
import { PASSWORD, startServer, type TestServer } from '../../support/server.ts';
import { createUserAgent } from '../../support/user-agent.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
  await server.user();
});
afterAll(() => server.stop());

const CHROME = 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0';

it.each([
  [`Mozilla/5.0 (Linux; Android 15; Pixel 8) ${CHROME} Mobile Safari/537.36`, 'Chrome (Android)'],
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0', 'Firefox (Windows)'],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1',
    'Safari (iOS)',
  ],
  ['curl/8.5.0', 'curl/8.5.0'],
  ['<b>a browser</b>', '&lt;b&gt;a browser&lt;/b&gt;'],
])('the list of sessions shows %s by its usual name', async (userAgent, name) => {
  const agent = createUserAgent(server.issuer, { 'user-agent': userAgent });
  await agent.submit(await agent.open(`${server.issuer}/login`), { username: 'alice', password: PASSWORD });
  const { body } = await agent.open(`${server.issuer}/account/sessions`);
  const own = body.split('<li>').find((card) => card.includes('class="badge"'));
  expect(own).toContain(`<bdi>${name}</bdi>`);
  // Whoever hears the page hears which of them a button ends.
  const [, described = ''] = /aria-describedby="([^"]+)"/.exec(own ?? '') ?? [];
  for (const id of described.split(' ')) expect(own).toContain(`id="${id}"`);
});

it('a browser without a User-Agent is an unknown device', async () => {
  const agent = createUserAgent(server.issuer, { 'user-agent': '' });
  await agent.submit(await agent.open(`${server.issuer}/login`), { username: 'alice', password: PASSWORD });
  const { body } = await agent.open(`${server.issuer}/account/sessions`);
  expect(body).toContain('<bdi>Unknown device</bdi>');
});

it('a user who ends the session in use is signed out, and the page says so', async () => {
  const agent = createUserAgent(server.issuer);
  await agent.submit(await agent.open(`${server.issuer}/login`), { username: 'alice', password: PASSWORD });
  const page = await agent.open(`${server.issuer}/account/sessions`);
  const own = page.body.split('<li>').find((card) => card.includes('class="badge"')) ?? '';
  const out = await agent.submit({ ...page, body: own }, {});
  expect([new URL(out.url).pathname, agent.cookies.has(agent.names.session)]).toEqual(['/signed-out', false]);
  // Pressed twice, or the page with the frames of its apps loaded anew.
  const again = await agent.submit({ ...page, body: own }, {});
  expect([new URL(again.url).pathname, again.status]).toEqual(['/signed-out', 200]);
});

it('the signed-out page is not shown to a user who is signed in', async () => {
  const agent = createUserAgent(server.issuer);
  await agent.submit(await agent.open(`${server.issuer}/login`), { username: 'alice', password: PASSWORD });
  expect(new URL((await agent.open(`${server.issuer}/signed-out`)).url).pathname).toBe('/account');
});
