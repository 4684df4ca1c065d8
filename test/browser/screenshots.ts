/** npx tsx test/browser/screenshots.ts: the pictures of docs/images. */
import { fileURLToPath } from 'node:url';
import { authorizeUrl, newPkce, publicClient, requestOf } from '../support/flow.ts';
import { startServer } from '../support/server.ts';
import { launchChromium, openPage, signIn } from './chromium.ts';

const images = fileURLToPath(new URL('../../docs/images/', import.meta.url));
const server = await startServer();
await server.user();
const spa = await publicClient(server, { client_name: 'Garden planner' });
const browser = await launchChromium();
const ask = (more: Record<string, string> = {}) =>
  authorizeUrl(server, requestOf(spa.client, newPkce(), more));

for (const [colorScheme, width, suffix] of [
  ['light', 1280, ''],
  ['dark', 390, '-dark'],
] as const) {
  const { page, close } = await openPage(browser, { colorScheme, viewport: { width, height: 844 } });
  const shoot = (name: string) => page.screenshot({ path: `${images}${name}${suffix}.png` });
  await page.goto(ask({ scope: 'openid profile email offline_access' }));
  await shoot('login');
  await signIn(page);
  await page.waitForSelector('#allow');
  await shoot('consent');
  await page.goto(`${server.issuer}/account/sessions`);
  await shoot('sessions');
  await page.goto(ask({ redirect_uri: 'https://evil.test' }));
  await shoot('error');
  await page.goto(`${server.issuer}/signed-out`);
  await shoot('signed-out');
  await close();
}

await browser.close();
await server.stop();
