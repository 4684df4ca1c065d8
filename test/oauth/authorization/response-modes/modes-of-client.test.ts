/** Which response modes a client may ask for. OAuth 2.0 Multiple Response Types §2.1 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { responseModesOf } from '../../../../src/oauth/authorization/response-modes/modes-of-client.ts';
import { confidentialClient, publicClient } from '../../../support/flow.ts';
import { startServer, type TestServer } from '../../../support/server.ts';
import { erring } from './erring.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

describe('the response mode', () => {
  it('is the one that is named, of those that the client is allowed', async () => {
    const spa = await publicClient(server);
    expect(await erring(server, spa, { response_mode: 'query' })).toContain('/cb?error=login_required');
    expect(await erring(server, spa, { response_mode: 'fragment' })).toContain('/cb#error=login_required');
    expect(await erring(server, spa, { response_mode: 'form_post' })).toBe('a form');
  });

  it('Z24 is never a fragment for a confidential client that did not register it', async () => {
    const web = await confidentialClient(server);
    expect(await erring(server, web, { response_mode: 'fragment' })).toContain('/cb?error=invalid_request');
    expect(await erring(server, web, { response_mode: 'form_post' })).toBe('a form');
    const registered = await confidentialClient(server, { response_modes: ['fragment'] });
    expect(await erring(server, registered, { response_mode: 'fragment' })).toContain(
      '/cb#error=login_required',
    );
  });

  it('Z24 is among those that the client registered, and an error for another takes the first of them', async () => {
    const app = await publicClient(server, { response_modes: ['form_post'] });
    expect(await erring(server, app, { response_mode: 'form_post' })).toBe('a form');
    expect(await erring(server, app, { response_mode: 'query' })).toBe('a form');
    expect(await erring(server, app)).toBe('a form');
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
