import { launchChromium, signIn } from '../../browser/chromium.ts';
import type { Provider } from './provider.ts';
import type { Visitor } from './visitor.ts';

/** Debian's Chromium, for an app that lives in the page. */
export async function newChromiumVisitor({ issuer }: Provider, origin: string): Promise<Visitor> {
  const browser = await launchChromium();
  // It has a store of authorities of its own, which is the machine's and not the run's to change.
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const page = await context.newPage();
  const open = async (url: string) => void (await page.goto(url));
  return {
    async leaveFor(path) {
      // What is answered at once with a redirect back is seen as a request alone.
      const asked = page.waitForRequest(
        (request) => request.isNavigationRequest() && request.url().startsWith(`${issuer}/`),
      );
      await open(`${origin}${path}`);
      return (await asked).url();
    },
    async signIn() {
      await signIn(page);
      await page.click('#allow');
      await page.waitForURL(`${origin}/me`);
    },
    async signOut() {
      const back = page.waitForURL(`${origin}/`);
      await Promise.race([back, page.click('#confirm').then(() => back)]);
      return page.url();
    },
    async isAsked() {
      await page.waitForURL(`${issuer}/**`);
      return page.isVisible('input[name=password]');
    },
    async read(path) {
      await open(`${origin}${path}`);
      await page.waitForFunction(`document.getElementById('out')?.textContent`);
      return JSON.parse((await page.textContent('#out')) ?? '');
    },
    close: () => browser.close(),
  };
}
