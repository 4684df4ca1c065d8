import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { PASSWORD } from '../support/server.ts';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Debian's Chromium, headless; `flags` are further ones, `without` those of Playwright that are left out. */
export function launchChromium(flags: readonly string[] = [], without: string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [...FLAGS, ...flags],
    ignoreDefaultArgs: without,
  });
}

export interface Watched {
  readonly page: Page;
  /** Console errors, failed loads and violations of the policy. */
  readonly complaints: string[];
  /** Origins that the page asked for anything. */
  readonly origins: Set<string>;
  close(): Promise<void>;
}

/** A page of a context of its own that remembers every complaint. */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<Watched> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  const origins = new Set<string>();
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => origins.add(new URL(request.url()).origin));
  return { page, complaints, origins, close: () => context.close() };
}

export async function signIn(page: Page, username = 'alice', password = PASSWORD): Promise<void> {
  await page.fill('input[name=username]', username);
  await page.fill('input[name=password]', password);
  await page.click('#submit');
}
