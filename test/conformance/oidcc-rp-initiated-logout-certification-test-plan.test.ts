import { generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page, UserAgent } from '../support/user-agent.ts';
import { type Op, startOp } from './op.ts';
import { type Client, register, requestTo, responseOf, signIn, type Tokens } from './relying-party.ts';

const NAME = 'oidcc-rp-initiated-logout';

describe('oidcc-rp-initiated-logout-certification-test-plan', () => {
  let op: Op;
  let client: Client;
  let after: string;

  beforeAll(async () => {
    op = await startOp();
    after = `${op.site.origin}/post_logout_redirect`;
    client = await register(op, { post_logout_redirect_uris: [after] });
  });
  afterAll(() => op.stop());

  /** Opens the end session endpoint and confirms where it asks. */
  async function signOut(browser: UserAgent, parameters: Record<string, string>): Promise<Page> {
    const page = await browser.open(`${op.metadata.end_session_endpoint}?${new URLSearchParams(parameters)}`);
    return page.body.includes('id="confirm"') ? browser.submit(page, {}) : page;
  }

  async function isSignedIn({ authorized: { browser } }: Tokens): Promise<boolean> {
    const page = await browser.open(requestTo(op, client, { prompt: 'none' }).url);
    const response = responseOf(page, client);
    if (response.get('code') === null) expect(response.get('error')).toBe('login_required');
    return response.get('code') !== null;
  }

  /** Neither redirected to the client nor anywhere else away from here. */
  function expectPage(page: Page): void {
    expect(page.location).toBeUndefined();
    expect(page.body).toContain('<h1>');
  }

  it(`${NAME}-discovery-endpoint-verification`, () => {
    expect(op.metadata.end_session_endpoint).toMatch(/^https:/);
  });

  it(NAME, async () => {
    const tokens = await signIn(op, client);
    const { browser } = tokens.authorized;
    expect(await isSignedIn(tokens)).toBe(true);
    const id_token_hint = tokens.body.id_token;
    const page = await signOut(browser, { id_token_hint, post_logout_redirect_uri: after, state: 'st&te=1' });
    expect(page.location).toBe(`${after}?${new URLSearchParams({ state: 'st&te=1' })}`);
    expect(await isSignedIn(tokens)).toBe(false);
  });

  it(`${NAME}-no-state`, async () => {
    const tokens = await signIn(op, client);
    const parameters = { id_token_hint: tokens.body.id_token, post_logout_redirect_uri: after };
    expect((await signOut(tokens.authorized.browser, parameters)).location).toBe(after);
    expect(await isSignedIn(tokens)).toBe(false);
  });

  it.each([
    ['no-params', (): Record<string, string> => ({})],
    ['only-state', () => ({ state: 'only' })],
    ['no-post-logout-redirect-uri', (id_token_hint: string) => ({ id_token_hint, state: 'some' })],
  ])(`${NAME}-%s: signed out, and a page says so`, async (_module, parametersOf) => {
    const tokens = await signIn(op, client);
    const page = await signOut(tokens.authorized.browser, parametersOf(tokens.body.id_token));
    expectPage(page);
    expect(page.body).toContain('Signed out');
    expect(await isSignedIn(tokens)).toBe(false);
  });

  it.each([
    ['bad-post-logout-redirect-uri', (uri: string) => uri.replace('post_logout', 'other')],
    ['query-added-to-post-logout-redirect-uri', (uri: string) => `${uri}?extra=1`],
  ])(`${NAME}-%s: no redirect`, async (_module, change) => {
    const tokens = await signIn(op, client);
    const parameters = { id_token_hint: tokens.body.id_token, post_logout_redirect_uri: change(after) };
    expectPage(await signOut(tokens.authorized.browser, parameters));
  });

  it(`${NAME}-no-id-token-hint: no redirect`, async () => {
    const tokens = await signIn(op, client);
    expectPage(await signOut(tokens.authorized.browser, { post_logout_redirect_uri: after, state: 'x' }));
  });

  it.each([
    ['modified-id-token-hint', async (token: string) => unsigned(token)],
    ['bad-id-token-hint', (token: string) => signedByOther(token)],
  ])(`${NAME}-%s: no redirect`, async (_module, change) => {
    const tokens = await signIn(op, client);
    const id_token_hint = await change(tokens.body.id_token);
    const parameters = { id_token_hint, post_logout_redirect_uri: after, state: 'x' };
    expectPage(await signOut(tokens.authorized.browser, parameters));
  });
});

function unsigned(token: string): string {
  const [, payload] = token.split('.');
  return `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`;
}

async function signedByOther(token: string): Promise<string> {
  const [header = '', payload = ''] = token.split('.');
  const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
  const { privateKey } = await generateKeyPair('RS256');
  return new SignJWT(read(payload)).setProtectedHeader(read(header)).sign(privateKey);
}
