/** A web app of other people's making on loopback, and somebody who goes there with a browser without JavaScript. */
import { createServer, type RequestListener, type Server } from 'node:http';
import { passPages } from '../support/flow.ts';
import { freePort } from '../support/free-port.ts';
import type { TestServer } from '../support/server.ts';
import { createUserAgent, formOf, type Page, type UserAgent } from '../support/user-agent.ts';

export interface WebApp {
  readonly origin: string;
  close(): Promise<void>;
}

/** `make` gets the origin that the app will have. */
export async function startWebApp(
  make: (origin: string) => Promise<RequestListener> | RequestListener,
): Promise<WebApp> {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const server: Server = createServer(await make(origin));
  await new Promise<void>((done) => server.listen(port, done));
  return {
    origin,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

export interface Visitor {
  /** The browser at the app, and at the provider: two cookie jars, as two sites have. */
  readonly app: UserAgent;
  readonly provider: UserAgent;
  /** From the app's redirect to the provider, through its pages, back into the app. */
  signIn(redirect: Page): Promise<Page>;
}

export function newVisitor({ issuer }: TestServer, { origin }: Pick<WebApp, 'origin'>): Visitor {
  const [app, provider] = [createUserAgent(origin), createUserAgent(issuer)];
  return {
    app,
    provider,
    async signIn(redirect) {
      if (redirect.location === undefined)
        throw new Error(`no redirect: ${redirect.status} ${redirect.body}`);
      const page = await passPages(provider, await provider.open(redirect.location));
      if (page.location !== undefined) return app.follow(await app.fetch(page.location));
      // form_post: the person presses the button.
      const { action, fields } = formOf(page);
      return app.follow(await app.fetch(action, { method: 'POST', body: new URLSearchParams(fields) }));
    },
  };
}
