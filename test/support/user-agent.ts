/** A small browser without JavaScript: cookies, redirects one at a time, forms by name. */
import { type CookieName, cookieNames } from '../../src/http/cookies.ts';

export interface Page {
  readonly status: number;
  readonly url: string;
  readonly headers: Headers;
  readonly body: string;
  /** Where it redirects to, absolute; undefined where it does not. */
  readonly location: string | undefined;
}

export interface Form {
  readonly action: string;
  readonly fields: Record<string, string>;
}

export interface UserAgent {
  /** One request; redirects are not followed. */
  fetch(url: string, init?: Outgoing): Promise<Page>;
  /** Follows redirects while they stay on `origin`. */
  follow(page: Page): Promise<Page>;
  /** Opens a page and follows redirects. */
  open(url: string): Promise<Page>;
  /** Fills in the page's form that has all these fields, submits it and follows redirects. */
  submit(page: Page, fields: Record<string, string>): Promise<Page>;
  readonly cookies: Map<string, string>;
  /** The names of the issuer's cookies. */
  readonly names: Readonly<Record<CookieName, string>>;
}

export interface Outgoing {
  readonly method?: string;
  readonly body?: URLSearchParams;
  readonly headers?: Record<string, string>;
}

export type Send = (url: string, init: Outgoing) => Promise<Response>;

const MAX_HOPS = 10;

/** `origin` is the issuer, with its path; `send` sends a request: fetch, or a function that records it. */
export function createUserAgent(
  origin: string,
  headers: Record<string, string> = {},
  send: Send = (url, init) => fetch(url, { ...init, redirect: 'manual' }),
): UserAgent {
  const cookies = new Map<string, string>();

  async function request(url: string, init: Outgoing = {}): Promise<Page> {
    const sent: Record<string, string> = { ...headers, ...init.headers };
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    if (cookie !== '' && new URL(url).origin === new URL(origin).origin) sent.cookie = cookie;
    const response = await send(url, { ...init, headers: sent });
    for (const line of response.headers.getSetCookie()) remember(cookies, line);
    const location = response.headers.get('location');
    return {
      status: response.status,
      url,
      headers: response.headers,
      body: await response.text(),
      location: location === null ? undefined : new URL(location, url).href,
    };
  }

  async function follow(page: Page): Promise<Page> {
    let current = page;
    for (let hop = 0; current.location !== undefined && hop < MAX_HOPS; hop += 1) {
      if (new URL(current.location).origin !== new URL(origin).origin) break;
      if (isCallback(current.location, origin)) break;
      current = await request(current.location);
    }
    return current;
  }

  return {
    cookies,
    names: cookieNames(origin),
    fetch: request,
    follow,
    open: async (url) => follow(await request(url)),
    async submit(page, fields) {
      const form = formOf(page, Object.keys(fields));
      const body = new URLSearchParams({ ...form.fields, ...fields });
      const posted = await request(new URL(form.action, page.url).href, {
        method: 'POST',
        body,
        headers: { origin: new URL(origin).origin, 'sec-fetch-site': 'same-origin' },
      });
      return follow(posted);
    },
  };
}

/** A redirect URI on the issuer's own origin is still the client's. */
function isCallback(location: string, origin: string): boolean {
  return location.startsWith(`${origin}/callback`);
}

function remember(cookies: Map<string, string>, line: string): void {
  const [pair = '', ...attributes] = line.split(';');
  const [name = '', ...rest] = pair.split('=');
  const gone = attributes.some((attribute) => /^\s*(max-age=0|expires=thu, 01 jan 1970)/i.test(attribute));
  if (gone) cookies.delete(name.trim());
  else cookies.set(name.trim(), rest.join('='));
}

/** The first form of the page that has every one of the named fields (buttons count). */
export function formOf(page: Page, names: readonly string[] = []): Form {
  const forms = [...page.body.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/gi)].map(
    ([, attributes = '', content = '']) => ({
      action: attribute(attributes, 'action') ?? page.url,
      fields: fieldsOf(content),
      names: [...content.matchAll(/<(?:input|button|select|textarea)\b([^>]*)>/gi)].map(([, tag = '']) =>
        attribute(tag, 'name'),
      ),
    }),
  );
  const form = forms.find((candidate) => names.every((name) => candidate.names.includes(name)));
  if (!form)
    throw new Error(
      `no form with ${names.join(', ')} on ${page.url} (${page.status}):\n${page.body.slice(0, 2000)}`,
    );
  return form;
}

function fieldsOf(content: string): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const [, tag = ''] of content.matchAll(/<input\b([^>]*)>/gi)) {
    const name = attribute(tag, 'name');
    const isUnchecked = attribute(tag, 'type') === 'checkbox' && !/\schecked\b/.test(tag);
    if (name !== undefined && !isUnchecked) fields[name] = attribute(tag, 'value') ?? '';
  }
  return fields;
}

function attribute(tag: string, name: string): string | undefined {
  const match = new RegExp(`\\b${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s>]+))`, 'i').exec(tag);
  const value = match?.[1] ?? match?.[2] ?? match?.[3];
  return value
    ?.replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}
