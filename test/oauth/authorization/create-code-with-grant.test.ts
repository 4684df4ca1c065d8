/** What is stored of a code: a hash, with all that it is bound to. RFC 6749 §4.1.2, RFC 7636 §4.4 */
import { expect, it } from 'vitest';
import { grantIdOfCode } from '../../../src/oauth/authorization/code-binding-and-grant-id.ts';
import { authorize, publicClient } from '../../support/flow.ts';
import { startServer } from '../../support/server.ts';

it('T8 a code is stored with its grant under a hash, for code_seconds', async () => {
  const server = await startServer();
  try {
    server.clock.hold();
    await server.user();
    const spa = await publicClient(server);
    const { code, pkce } = await authorize(server, spa.client, { more: { nonce: 'n' } });
    const { db, settings } = server.gatehouse;
    const [row] = await db.all<{ value_key: string; grant_id: string; payload: string; expires_at: number }>(
      "SELECT * FROM one_time WHERE kind = 'code'",
    );
    expect(row?.grant_id).toBe(grantIdOfCode(code));
    expect(JSON.stringify(row)).not.toContain(code);
    expect(row?.expires_at).toBe(server.clock.nowMs() + settings.code_seconds * 1000);
    expect(JSON.parse(row?.payload ?? '')).toEqual({
      client_id: spa.client.client_id,
      redirect_uri: spa.client.metadata.redirect_uris[0],
      redirect_uri_sent: true,
      code_challenge: pkce.code_challenge,
      nonce: 'n',
    });
  } finally {
    await server.stop();
  }
});
