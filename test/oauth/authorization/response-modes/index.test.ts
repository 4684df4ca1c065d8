/** Which response modes a client may ask for. OAuth 2.0 Multiple Response Types §2.1 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { responseModesOf } from '../../../../src/oauth/authorization/response-modes/index.ts';
import {
  answerOf,
  authorizeUrl,
  confidentialClient,
  newPkce,
  publicClient,
  type Registered,
  requestOf,
} from '../../../support/flow.ts';
import { startServer, type TestServer } from '../../../support/server.ts';
import { createUserAgent } from '../../../support/user-agent.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

/** Where the browser goes with an error; undefined for a page of ours. */
async function erring(app: Registered, more: Record<string, string> = {}): Promise<string | undefined> {
  const asked = requestOf(app.client, newPkce(), { prompt: 'none', ...more });
  const { status, location } = await createUserAgent(server.issuer).fetch(authorizeUrl(server, asked));
  return status === 200 ? 'a form' : location;
}

describe('the response mode', () => {
  it('Z24 is query where none is named', async () => {
    expect(await erring(await publicClient(server))).toContain('/cb?error=login_required');
    expect(await erring(await confidentialClient(server))).toContain('/cb?error=login_required');
  });

  it('is the one that is named, of those that the client is allowed', async () => {
    const spa = await publicClient(server);
    expect(await erring(spa, { response_mode: 'query' })).toContain('/cb?error=login_required');
    expect(await erring(spa, { response_mode: 'fragment' })).toContain('/cb#error=login_required');
    expect(await erring(spa, { response_mode: 'form_post' })).toBe('a form');
  });

  it('Z24 is never a fragment for a confidential client that did not register it', async () => {
    const web = await confidentialClient(server);
    expect(await erring(web, { response_mode: 'fragment' })).toContain('/cb?error=invalid_request');
    expect(await erring(web, { response_mode: 'form_post' })).toBe('a form');
    const registered = await confidentialClient(server, { response_modes: ['fragment'] });
    expect(await erring(registered, { response_mode: 'fragment' })).toContain('/cb#error=login_required');
  });

  it('Z24 is among those that the client registered, and an error for another takes the first of them', async () => {
    const app = await publicClient(server, { response_modes: ['form_post'] });
    expect(await erring(app, { response_mode: 'form_post' })).toBe('a form');
    expect(await erring(app, { response_mode: 'query' })).toBe('a form');
    expect(await erring(app)).toBe('a form');
  });

  it.each(['QUERY', 'jwt', 'query.jwt', 'web_message', 'query fragment', '__proto__'])(
    'is refused where nobody knows it: %s',
    async (response_mode) => {
      expect(await erring(await publicClient(server), { response_mode })).toContain(
        '/cb?error=invalid_request',
      );
    },
  );

  it('is in discovery, each of them', async () => {
    const { body } = await answerOf(await fetch(`${server.issuer}/.well-known/openid-configuration`));
    expect(body.response_modes_supported).toEqual(['query', 'fragment', 'form_post']);
  });

  it('of a client keeps the order of the table, whatever order it registered', () => {
    const client = (response_modes: string[] | undefined, confidential = false) =>
      ({ confidential, metadata: { response_modes } }) as unknown as Parameters<typeof responseModesOf>[0];
    const names = (...of: Parameters<typeof client>) =>
      responseModesOf(client(...of)).map(({ name }) => name);
    expect(names(['form_post', 'query'])).toEqual(['query', 'form_post']);
    expect(names(undefined)).toEqual(['query', 'fragment', 'form_post']);
    expect(names(undefined, true)).toEqual(['query', 'form_post']);
    expect(names(['fragment'], true)).toEqual(['fragment']);
  });
});
