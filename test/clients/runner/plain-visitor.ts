import { passPages } from '../../support/flow.ts';
import { createUserAgent, formOf, type Page, type UserAgent } from '../../support/user-agent.ts';
import type { Provider } from './provider.ts';
import type { Visitor } from './visitor.ts';

/** A browser without JavaScript: two cookie jars, as two sites have. */
export function newPlainVisitor({ issuer, send }: Provider, origin: string): Visitor {
  const app = createUserAgent(origin);
  const provider = createUserAgent(issuer, {}, (url, init) => send(url, init));
  return {
    leaveFor: (path) => leaveFor(app, `${origin}${path}`, issuer),
    async signIn(authorization) {
      const page = await passPages(provider, await provider.open(authorization));
      const landed = await landIn(app, page);
      if (landed.status >= 400) throw new Error(`the app answers ${landed.status}: ${textOf(landed)}`);
    },
    async signOut(logout) {
      let page = await provider.open(logout);
      if (page.body.includes('id="confirm"')) page = await provider.submit(page, {});
      return page.location?.startsWith(origin) ? (await app.open(page.location)).url : page.url;
    },
    isAsked: async (authorization) => (await provider.open(authorization)).body.includes('name="password"'),
    async read(path) {
      const page = await app.open(`${origin}${path}`);
      try {
        return JSON.parse(page.body);
      } catch {
        throw new Error(`${path} answers ${page.status}: ${textOf(page)}`);
      }
    },
    close: async () => {},
  };
}

/** By a redirect, or by a page with a button. */
async function leaveFor(app: UserAgent, url: string, issuer: string): Promise<string> {
  let page = await app.open(url);
  if (page.status < 400 && page.location === undefined) page = await app.submit(page, {});
  if (page.location?.startsWith(issuer)) return page.location;
  throw new Error(`${url} does not lead to the provider: ${page.status} ${page.location ?? textOf(page)}`);
}

async function landIn(app: UserAgent, page: Page): Promise<Page> {
  if (page.location !== undefined) return app.follow(await app.fetch(page.location));
  if (page.status >= 400) throw new Error(`the provider answers ${page.status}: ${textOf(page)}`);
  // form_post: the person presses the button.
  const { action, fields } = formOf(page);
  return app.follow(await app.fetch(action, { method: 'POST', body: new URLSearchParams(fields) }));
}

const SHOWN_CHARACTERS = 600;

function textOf({ body }: Page): string {
  const text = body.replaceAll(/<(style|script)[\s\S]*?<\/\1>|<[^>]*>/g, ' ');
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, SHOWN_CHARACTERS);
}
