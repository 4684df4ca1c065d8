/** Schemes that no answer is ever sent to. RFC 8252 §7.1, §8.4 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isDeniedScheme } from '../../src/oauth/denied-schemes.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const register = (uri: string) =>
  server.client({ redirect_uris: [uri], application_type: 'native', token_endpoint_auth_method: 'none' });

describe('a scheme that a browser or a system opens by itself', () => {
  it.each([
    'javascript:alert(1)',
    'JAVASCRIPT:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    'file:///etc/passwd',
    'intent://x#Intent;end',
    'mailto:a@example.com',
    'tel:110',
    'ms-settings:network',
    'ms-msdt:/id',
    'chrome-extension://abc/cb',
    'moz-extension://abc/cb',
    'view-source:https://app.example',
    'wss://app.example/cb',
  ])('A009 is not registered: %s', async (uri) => {
    expect(isDeniedScheme(new URL(uri).protocol)).toBe(true);
    await expect(register(uri)).rejects.toThrow();
  });

  it.each([
    'com.example.app:/cb',
    'myapp://cb',
    'claude://oauth',
    'msauth.com.example:/cb',
    'extension-x:/cb',
  ])('is not one of an app’s own: %s', async (uri) => {
    expect(isDeniedScheme(new URL(uri).protocol)).toBe(false);
    expect((await register(uri)).client.metadata.redirect_uris).toEqual([uri]);
  });
});
