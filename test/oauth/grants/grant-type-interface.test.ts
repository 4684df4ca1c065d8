/** What holds of each grant of the table. RFC 6749 §3.2, §5.2 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { grants } from '../../../src/oauth/grants/index.ts';
import { answerOf, confidentialClient, post, publicClient, type Registered } from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let app: Registered;
let spa: Registered;

beforeAll(async () => {
  server = await startServer();
  app = await confidentialClient(server, { grant_types: grants.map(({ grantType }) => grantType) });
  spa = await publicClient(server);
});
afterAll(() => server.stop());

const names = grants.map(({ grantType }) => grantType);
const needed: Readonly<Record<string, Record<string, string>>> = {
  authorization_code: { code: 'unknown' },
  refresh_token: { refresh_token: 'unknown' },
  client_credentials: {},
};

describe.each(names)('%s', (grant_type) => {
  it('T3 is in discovery, and refused to a client that did not register it', async () => {
    const { body } = await answerOf(await fetch(`${server.issuer}/.well-known/openid-configuration`));
    expect(body.grant_types_supported).toContain(grant_type);
    const other = await confidentialClient(server, {
      grant_types: names.filter((name) => name !== grant_type && name !== 'refresh_token').slice(0, 1),
      ...(grant_type === 'authorization_code' && { redirect_uris: [], response_types: [] }),
    });
    const refused = await post(server, '/token', { grant_type, ...needed[grant_type] }, other);
    expect([refused.status, refused.body.error]).toEqual([400, 'unauthorized_client']);
  });

  it('asks for each parameter of its own, and takes none twice or empty', async () => {
    for (const name of Object.keys(needed[grant_type] ?? {})) {
      for (const value of [undefined, '']) {
        const sent = { grant_type, ...(value !== undefined && { [name]: value }) };
        const { status, body } = await post(server, '/token', sent, app);
        expect([status, body.error], `${name} ${value}`).toEqual([400, 'invalid_request']);
      }
      const twice = new URLSearchParams([
        ['grant_type', grant_type],
        [name, 'a'],
        [name, 'a'],
      ]);
      expect((await post(server, '/token', twice, app)).body.error).toBe('invalid_request');
    }
  });

  it('T14 gives no reason for a value that is unknown', async () => {
    const { status, body } = await post(server, '/token', { grant_type, ...needed[grant_type] }, app);
    const isOfClient = grant_type === 'client_credentials';
    expect([status, body.error]).toEqual(isOfClient ? [200, undefined] : [400, 'invalid_grant']);
    expect(JSON.stringify(body)).not.toMatch(/unknown_/);
  });

  it('T2 asks who the client is before it looks', async () => {
    const answer = await post(server, '/token', { grant_type, ...needed[grant_type] });
    expect([answer.status, answer.body.error]).toEqual([401, 'invalid_client']);
  });

  it('T1 takes a POST alone', async () => {
    const query = new URLSearchParams({ grant_type, client_id: spa.client.client_id, ...needed[grant_type] });
    const { status } = await fetch(`${server.issuer}/token?${query}`);
    expect(status).toBe(405);
  });
});

it('T3 A053 a grant type that is none of the table is not supported, in whatever spelling', async () => {
  for (const grant_type of [
    'password',
    'implicit',
    'Client_Credentials',
    ' client_credentials',
    'urn:x',
    '__proto__',
  ])
    expect((await post(server, '/token', { grant_type }, app)).body.error, grant_type).toBe(
      'unsupported_grant_type',
    );
});
