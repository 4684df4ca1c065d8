import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { languages } from '../../src/config/built-in-page-languages.ts';
import { cookieNames } from '../../src/http/cookies.ts';
import { pages } from '../../src/http/pages/index.ts';
import { codeOf, keyOn, wrongCode } from '../support/authenticator.ts';
import {
  authorize,
  authorizeUrl,
  confidentialClient,
  newPkce,
  publicClient,
  type Registered,
  redeem,
  requestOf,
} from '../support/flow.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { createUserAgent } from '../support/user-agent.ts';
import { violations } from './axe.ts';
import { launchChromium, openPage, signIn } from './chromium.ts';

let server: TestServer;
let browser: Browser;
let spa: Registered;
let native: Registered;

beforeAll(async () => {
  server = await startServer();
  await server.user();
  spa = await publicClient(server, {
    client_name: 'A rather long name for an app that plans gardens',
    post_logout_redirect_uris: ['https://app.example.com/bye'],
  });
  native = await server.client({
    redirect_uris: ['http://127.0.0.1/callback'],
    application_type: 'native',
    token_endpoint_auth_method: 'none',
  });
  await server.client({
    grant_types: ['client_credentials'],
    resources: ['https://a-rather-long-host-name.example.com/api'],
  });
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});

const ask = (as: Registered, more: Record<string, string> = {}) =>
  authorizeUrl(server, requestOf(as.client, newPkce(), more));

/** As the act leaves it for the page. */
async function goToNotice(page: Page, name: string, notice: string): Promise<void> {
  const cookie = { name: cookieNames(server.issuer).notice, value: notice, url: server.issuer };
  await page.context().addCookies([cookie]);
  await page.goto(`${server.issuer}/account/${name}`);
  await page.waitForSelector('[role=status]');
}

type Visit = readonly [name: string, go: (page: Page) => Promise<unknown>];

/** Pages as an act or an app leads to them; in order, as one person meets them. */
const visits: readonly Visit[] = [
  ['login for an app', (page) => page.goto(ask(spa))],
  [
    'login with a problem',
    async (page) => {
      await page.fill('input[name=username]', 'nobody');
      await page.fill('input[name=password]', 'wrong');
      await page.click('#submit');
      await page.waitForSelector('[role=alert]');
    },
  ],
  [
    'consent',
    async (page) => {
      await page.goto(
        ask(spa, {
          scope: 'openid profile email offline_access',
          resource: 'https://a-rather-long-host-name.example.com/api',
          prompt: 'consent',
        }),
      );
      if (page.url().includes('/login')) await signIn(page);
      await page.waitForSelector('#allow');
    },
  ],
  [
    'consent for a native app',
    (page) => page.goto(ask(native, { redirect_uri: 'http://127.0.0.1:4321/callback' })),
  ],
  ['account chooser', (page) => page.goto(ask(spa, { prompt: 'select_account' }))],
  ['invalid redirect', (page) => page.goto(ask(spa, { redirect_uri: 'https://evil.test' }))],
  ['unknown app', (page) => page.goto(ask(spa, { client_id: 'nobody' }))],
  ['nothing here', (page) => page.goto(`${server.issuer}/nothing`)],
  [
    'password with a problem',
    async (page) => {
      await page.goto(`${server.issuer}/account/password`);
      for (const name of ['current_password', 'new_password', 'new_password_again'])
        await page.fill(`#${name}`, 'short');
      await page.click('#submit');
      await page.waitForSelector('[role=alert]');
    },
  ],
  [
    'authenticator app that is being set up',
    async (page) => {
      await page.goto(`${server.issuer}/account/totp`);
      await page.click('#begin');
      await page.waitForSelector('#key');
    },
  ],
  [
    'its first code, with a problem',
    async (page) => {
      const seed = keyOn({ body: await page.content() });
      await page.fill('#code', wrongCode(server, seed));
      await page.click('#submit');
      await page.waitForSelector('[role=alert]');
    },
  ],
  [
    'authenticator app that is set up',
    async (page) => {
      await page.fill('#code', codeOf(server, keyOn({ body: await page.content() })));
      await page.click('#submit');
      await page.waitForSelector('#codes');
      await page.goto(`${server.issuer}/account/totp`);
      await page.waitForSelector('#remove');
    },
  ],
  [
    'recovery codes that are left',
    async (page) => {
      await page.goto(`${server.issuer}/account/recovery-codes`);
      await page.waitForSelector('#left');
    },
  ],
  [
    'new recovery codes',
    async (page) => {
      await page.click('#renew');
      await page.waitForSelector('#codes');
    },
  ],
  [
    'a recovery code, with a problem',
    async (page) => {
      await page.goto(`${server.issuer}/recovery-code`);
      await page.fill('#code', '12345');
      await page.click('#submit');
      await page.waitForSelector('[role=alert]');
    },
  ],
  [
    'its code, with a problem',
    async (page) => {
      await page.goto(`${server.issuer}/totp`);
      await page.fill('#code', '12345');
      await page.click('#submit');
      await page.waitForSelector('[role=alert]');
    },
  ],
  [
    'authenticator app that was removed',
    async (page) => {
      await page.goto(`${server.issuer}/account/totp`);
      await page.click('#remove');
      await page.waitForSelector('[role=status]');
    },
  ],
  ['sessions', (page) => goToNotice(page, 'sessions', 'password-changed')],
  ['apps', (page) => goToNotice(page, 'apps', 'revoked')],
];

/** …and as they leave. */
const leaving: readonly Visit[] = [
  [
    'signed out, and not sent on',
    async (page) => {
      const elsewhere = `https://elsewhere.example.com/${'a-long-path/'.repeat(20)}`;
      await page.goto(`${server.issuer}/logout?post_logout_redirect_uri=${elsewhere}`);
      await page.click('#confirm');
      await page.waitForSelector('#refused');
    },
  ],
  [
    'signed out, with a link to the app',
    async (page) => {
      const asked = {
        client_id: spa.client.client_id,
        post_logout_redirect_uri: 'https://app.example.com/bye',
      };
      await page.goto(`${server.issuer}/logout?${new URLSearchParams(asked)}`);
      await page.waitForSelector('#continue');
    },
  ],
];

/** The table's pages that have an address of their own; another is an image. */
const addresses = pages.filter(({ path }) => !path.includes(':'));

interface Seen {
  readonly width: number;
  readonly lang: string;
  readonly dir: string;
  readonly isPage: boolean;
}

/** Looks at pages one after the other, and remembers what is wrong and what was seen. */
function createInspection(page: Page, { locale, width }: { locale: string; width: number }) {
  const found: string[] = [];
  const seen = new Set<string>();
  const wanted = [locale, locale === 'ar' ? 'rtl' : 'ltr'];
  const here = () => new URL(page.url()).pathname;

  async function inspect(name: string): Promise<void> {
    const { isPage, ...is } = (await page.evaluate(
      `(({ scrollWidth, lang, dir }) => ({ width: scrollWidth, lang, dir, isPage: document.contentType === 'text/html' }))(document.documentElement)`,
    )) as Seen;
    if (!isPage) return;
    for (const violation of await violations(page)) found.push(`${name}: ${violation}`);
    if (is.width > width) found.push(`${name}: is ${is.width} px wide`);
    if (is.lang !== wanted[0] || is.dir !== wanted[1]) found.push(`${name}: is in ${is.lang}, ${is.dir}`);
  }

  return {
    found,
    async visit([name, go]: Visit): Promise<void> {
      await go(page);
      seen.add(here());
      await inspect(name);
    },
    /** Each page of the table by itself, as it is for `who`. One that is shown by itself has been seen. */
    async openAll(who: string): Promise<void> {
      for (const { path } of addresses) {
        const answer = await page.goto(server.issuer + path);
        if (answer?.ok() !== true || here() !== path || seen.has(path)) continue;
        seen.add(path);
        await inspect(`${path} for ${who}`);
      }
    },
    /** What a person decides on, and nothing led to: it needs a visit. */
    missed: () => addresses.filter(({ path, submit }) => submit && !seen.has(path)).map(({ path }) => path),
  };
}

/** Every language in light and dark on a phone; both directions on a wide screen. */
const settings = [
  ...languages.flatMap(({ tag }) => [[tag, 'light', 320] as const, [tag, 'dark', 320] as const]),
  ['en', 'light', 1280] as const,
  ['ar', 'dark', 1280] as const,
];

describe.each(settings)('%s, %s, %i px', (locale, colorScheme, width) => {
  it('no page of the table has a violation of WCAG 2.2 AA, and none scrolls sideways', async () => {
    const { page, close } = await openPage(browser, {
      locale,
      colorScheme,
      viewport: { width, height: 800 },
    });
    const inspection = createInspection(page, { locale, width });
    await inspection.openAll('nobody');
    for (const visit of visits) await inspection.visit(visit);
    await inspection.openAll('who is signed in');
    for (const visit of leaving) await inspection.visit(visit);
    expect(inspection.found).toEqual([]);
    expect(inspection.missed()).toEqual([]);
    await close();
    // A dozen pages, each looked at whole: 10 s on a machine that does nothing else.
  }, 120_000);
});

it.each([true, false])(
  'the signed-out page announces that it continues to the app by itself, without a meta refresh (JavaScript: %s)',
  async (javaScriptEnabled) => {
    const after = `${server.issuer}/health/live`;
    const app = await confidentialClient(server, {
      frontchannel_logout_uri: 'https://app.example.com/front',
      post_logout_redirect_uris: [after],
    });
    const { page, close } = await openPage(browser, { javaScriptEnabled });
    let isHeld = true;
    await page.route('https://app.example.com/**', async (route) => {
      while (isHeld) await new Promise((done) => setTimeout(done, 10));
      await route.fulfill({ body: '' });
    });
    await page.goto(`${server.issuer}/login`);
    await signIn(page);
    await page.waitForURL('**/account');
    const agent = createUserAgent(server.issuer);
    for (const { name, value } of await page.context().cookies()) agent.cookies.set(name, value);
    const { body } = await redeem(server, app, await authorize(server, app.client, { agent }));
    const asked = new URLSearchParams({ id_token_hint: body.id_token, post_logout_redirect_uri: after });
    await page.goto(`${server.issuer}/logout?${asked}`, { waitUntil: 'commit' });
    await page.waitForSelector('#continue');
    expect(await page.isVisible('#leaving')).toBe(javaScriptEnabled);
    expect(await page.locator('meta[http-equiv=refresh]').count()).toBe(0);
    isHeld = false;
    if (!javaScriptEnabled) await page.click('#continue');
    await page.waitForURL(after);
    await close();
  },
);

it('the form_post page has no violation either', async () => {
  const { page, close } = await openPage(browser);
  await page.route('**/form-post-*.js', (route) =>
    route.fulfill({ body: '', contentType: 'text/javascript' }),
  );
  await page.goto(ask(spa, { response_mode: 'form_post', response_type: 'token' }));
  await page.waitForSelector('#continue');
  expect(await violations(page)).toEqual([]);
  await close();
});
