/** Who asks, and where the answer goes: until both are known, an error is shown and never sent. RFC 6749 §4.1.2.1 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isRefusal } from '../../../src/lib/outcome.ts';
import { findTarget } from '../../../src/oauth/authorization/find-response-target.ts';
import { setClientDisabled } from '../../../src/oauth/clients/disable-and-enable-client.ts';
import { readParameters } from '../../../src/oauth/parameters.ts';
import { CALLBACK } from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';

const OTHER = 'https://app.example.com/other';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
  await server.client({ client_id: 'one', redirect_uris: [CALLBACK] });
  await server.client({ client_id: 'two', redirect_uris: [CALLBACK, OTHER] });
  await server.client({ client_id: 'posts', redirect_uris: [CALLBACK], response_modes: ['form_post'] });
  const modes = ['query', 'fragment'];
  await server.client({ client_id: 'both', redirect_uris: [CALLBACK], response_modes: modes });
  await server.client({ client_id: 'off', redirect_uris: [CALLBACK] });
  await setClientDisabled(server.gatehouse, 'off', true);
});
afterAll(() => server.stop());

const find = (...pairs: [string, string][]) => findTarget(server.gatehouse, readParameters(pairs));
const reasonOf = async (...pairs: [string, string][]) => {
  const found = await find(...pairs);
  return isRefusal(found) ? found.reason : 'found';
};
const of = (client_id: string): [string, string] => ['client_id', client_id];
const to = (redirect_uri: string): [string, string] => ['redirect_uri', redirect_uri];

describe('client_id', () => {
  it('is one that is registered and not switched off, sent once', async () => {
    expect(await reasonOf(of('one'), to(CALLBACK))).toBe('found');
    expect(await reasonOf(to(CALLBACK))).toBe('missing_client_id');
    expect(await reasonOf(of(''), to(CALLBACK))).toBe('missing_client_id');
    expect(await reasonOf(of('One'), to(CALLBACK))).toBe('unknown_client');
    expect(await reasonOf(of('off'), to(CALLBACK))).toBe('client_disabled');
    expect(await reasonOf(of('one'), of('one'), to(CALLBACK))).toBe('repeated_parameter');
  });
});

describe('redirect_uri', () => {
  it('is, byte for byte, one of the client, sent once', async () => {
    expect(await reasonOf(of('two'), to(OTHER))).toBe('found');
    for (const uri of [`${CALLBACK}/`, `${CALLBACK}?a`, CALLBACK.toUpperCase(), OTHER, 'x', 'javascript:x'])
      expect(await reasonOf(of('one'), to(uri)), uri).toBe('invalid_redirect_uri');
    expect(await reasonOf(of('one'), to(CALLBACK), to(CALLBACK))).toBe('repeated_parameter');
  });

  it('may be left out where there is one, and the request is no OpenID request', async () => {
    const scope: [string, string] = ['scope', 'offline_access'];
    expect(await find(of('one'), scope)).toMatchObject({
      redirect_uri_sent: false,
      target: { redirect_uri: CALLBACK },
    });
    expect(await find(of('one'), scope, to(CALLBACK))).toMatchObject({ redirect_uri_sent: true });
    expect(await reasonOf(of('two'), scope)).toBe('invalid_redirect_uri');
    expect(await reasonOf(of('one'), ['scope', 'openid'])).toBe('invalid_redirect_uri');
    // Without a scope, that of the client, which has openid.
    expect(await reasonOf(of('one'))).toBe('invalid_redirect_uri');
  });

  it('that is wrong is logged for the operator beside those that are registered', async () => {
    const found = await find(of('one'), to('https://evil.example/cb'));
    expect(found).toMatchObject({
      about: { client_id: 'one', redirect_uri: 'https://evil.example/cb', registered: CALLBACK },
    });
    expect(JSON.stringify(isRefusal(found) && found.description)).not.toContain(CALLBACK);
  });
});

describe('the answer is sent', () => {
  const target = async (...pairs: [string, string][]) => {
    const found = await find(...pairs, to(CALLBACK));
    if (isRefusal(found)) throw new Error(found.description);
    return found.target;
  };

  it('with the state, and by the mode that was asked for', async () => {
    expect(await target(of('both'), ['state', 's'], ['response_mode', 'fragment'])).toEqual({
      redirect_uri: CALLBACK,
      response_mode: 'fragment',
      state: 's',
      ui_locales: undefined,
    });
  });

  it('by the first mode of the client, where it asked for none of its own', async () => {
    expect((await target(of('one'))).response_mode).toBe('query');
    expect((await target(of('one'), ['response_mode', 'nonsense'])).response_mode).toBe('query');
    expect((await target(of('posts'))).response_mode).toBe('form_post');
    expect((await target(of('posts'), ['response_mode', 'query'])).response_mode).toBe('form_post');
  });

  it('in a language list of 256 characters at most', async () => {
    expect((await target(of('one'), ['ui_locales', 'd'.repeat(257)])).ui_locales).toHaveLength(256);
  });
});
