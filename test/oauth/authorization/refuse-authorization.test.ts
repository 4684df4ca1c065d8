/** An app is told why it gets no code, in the words that the standard lets through, and the audit why in truth. RFC 6749 §4.1.2.1 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { refuse } from '../../../src/lib/outcome.ts';
import { refuseAuthorization } from '../../../src/oauth/authorization/refuse-authorization.ts';
import type { Client } from '../../../src/oauth/clients/client.ts';
import { auditEvents, CALLBACK } from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { source } from './signed-in.ts';

let server: TestServer;
let client: Client;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const refusal = refuse('invalid_scope' as const, 'scope_not_allowed', 'RFC 6749 §3.3: "größe" is\\ none');
const SENT = "RFC 6749 section 3.3: 'gr??e' is? none";

async function refused(response_mode: string) {
  client = (await server.client({ redirect_uris: [CALLBACK] })).client;
  const target = { redirect_uri: CALLBACK, response_mode, state: 's t', ui_locales: 'de' };
  return refuseAuthorization(server.gatehouse, refusal, { target, client, source });
}

it('Z11 the app has the error, a description of allowed characters, its state and iss, and no more', async () => {
  const answer = await refused('query');
  if (answer.kind !== 'redirect') throw new Error(answer.kind);
  const { origin, pathname, searchParams } = new URL(answer.location);
  expect(`${origin}${pathname}`).toBe(CALLBACK);
  expect([...searchParams]).toEqual([
    ['error', 'invalid_scope'],
    ['error_description', SENT],
    ['state', 's t'],
    ['iss', server.issuer],
  ]);
});

it('it is told in the mode of the target', async () => {
  expect(await refused('form_post')).toEqual({
    kind: 'form_post',
    redirect_uri: CALLBACK,
    parameters: [
      ['error', 'invalid_scope'],
      ['error_description', SENT],
      ['state', 's t'],
      ['iss', server.issuer],
    ],
    uiLocales: 'de',
  });
});

it('the audit has one event of it, with the reason, the app and where it came from', async () => {
  await refused('fragment');
  const events = (await auditEvents(server)).filter(({ client_id }) => client_id === client.client_id);
  expect(events.filter(({ type }) => type.startsWith('authorization.'))).toEqual([
    expect.objectContaining({
      type: 'authorization.refused',
      reason: 'scope_not_allowed',
      address: source.address,
      request_id: source.requestId,
    }),
  ]);
});
