/** Authenticator apps in a real browser, with JavaScript and without. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codeOf, keyOn, nextStep, recoveryCodesOn, wrongCode } from '../support/authenticator.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { launchChromium, openPage, signIn } from './chromium.ts';

let server: TestServer;
let browser: Browser;
beforeAll(async () => {
  server = await startServer();
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});

const pathOf = (page: Page) => new URL(page.url()).pathname;

/** The dark modules, as the browser paints them: each is asked for at its middle. */
const PAINTED = `(() => {
  const svg = document.querySelector('svg.qr');
  const path = svg.querySelector('path');
  const { width: size } = svg.viewBox.baseVal;
  let dark = 0;
  for (let y = 0; y < size; y += 1)
    for (let x = 0; x < size; x += 1)
      if (path.isPointInFill(new DOMPoint(x + 0.5, y + 0.5))) dark += 1;
  const { width, height } = svg.getBoundingClientRect();
  return { share: dark / (size * size), isSquare: Math.abs(width - height) < 1, isWide: width > 150 };
})()`;

describe.each([true, false])('with JavaScript %s', (javaScriptEnabled) => {
  it('an app is set up, asked for at the next sign-in, replaced by a recovery code where it is lost, and removed', async () => {
    const username = javaScriptEnabled ? 'ada' : 'ben';
    await server.user(username);
    const { page, complaints, close } = await openPage(browser, { javaScriptEnabled });
    await page.goto(`${server.issuer}/account/totp`);
    await signIn(page, username);
    await page.click('#begin');
    await page.waitForSelector('#key');
    const seed = keyOn({ body: await page.content() });
    expect(await page.getAttribute('#otpauth', 'href')).toContain(`secret=${seed}`);
    if (javaScriptEnabled) {
      const painted = (await page.evaluate(PAINTED)) as { share: number };
      expect(painted).toMatchObject({ isSquare: true, isWide: true });
      expect(painted.share).toBeGreaterThan(0.25);
    }
    await page.fill('#code', codeOf(server, seed));
    await page.click('#submit');
    await page.waitForSelector('#codes');
    const [recoveryCode = '', ...others] = recoveryCodesOn({ body: await page.content() });
    expect(others).toHaveLength(9);
    await page.click('#done');
    await page.waitForSelector('#left');
    nextStep(server);
    await page.context().clearCookies();
    await page.goto(`${server.issuer}/login`);
    await signIn(page, username);
    expect(pathOf(page)).toBe('/totp');
    await page.fill('input[name=code]', wrongCode(server, seed));
    await page.press('input[name=code]', 'Enter');
    await page.waitForSelector('#problem');
    await page.fill('input[name=code]', codeOf(server, seed));
    await page.click('#submit');
    await page.waitForURL(`${server.issuer}/account`);
    // The phone is lost.
    await page.context().clearCookies();
    await page.goto(`${server.issuer}/account/totp`);
    await signIn(page, username);
    await page.click('a[href*="/recovery-code"]');
    await page.fill('input[name=code]', recoveryCode.toLowerCase());
    await page.click('#submit');
    await page.waitForURL(`${server.issuer}/account/totp`);
    await page.click('#remove');
    await page.waitForSelector('[role=status]');
    expect(await page.textContent('[role=status]')).toContain('Your password alone is enough');
    expect(complaints).toEqual([]);
    await close();
  });
});
