/** Which response modes there are, and which is meant where none is named. OAuth 2.0 Multiple Response Types §2.1 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerOf, confidentialClient, publicClient } from '../../../support/flow.ts';
import { startServer, type TestServer } from '../../../support/server.ts';
import { erring } from './erring.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

describe('the response mode', () => {
  it('Z24 is query where none is named', async () => {
    expect(await erring(server, await publicClient(server))).toContain('/cb?error=login_required');
    expect(await erring(server, await confidentialClient(server))).toContain('/cb?error=login_required');
  });

  it.each(['QUERY', 'jwt', 'query.jwt', 'web_message', 'query fragment', '__proto__'])(
    'is refused where nobody knows it: %s',
    async (response_mode) => {
      expect(await erring(server, await publicClient(server), { response_mode })).toContain(
        '/cb?error=invalid_request',
      );
    },
  );

  it('is in discovery, each of them', async () => {
    const { body } = await answerOf(await fetch(`${server.issuer}/.well-known/openid-configuration`));
    expect(body.response_modes_supported).toEqual(['query', 'fragment', 'form_post']);
  });
});
