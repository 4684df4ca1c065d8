/** A client that is deleted is not there any more for an operator, although its rows may take minutes to go. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beginDeletion, deleteClient } from '../../../src/oauth/clients/delete-client-in-pieces.ts';
import { auditEvents } from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { runVerb } from '../../support/verb.ts';

let server: TestServer;
let client_id: string;
beforeAll(async () => {
  server = await startServer();
  ({ client_id } = (await server.client({ grant_types: ['client_credentials'] })).client);
  await beginDeletion(server.gatehouse, client_id);
});
afterAll(() => server.stop());

const run = (verb: string, input: object) => runVerb(server, 'client', verb, input);

describe('a client that is being deleted', () => {
  it.each([
    ['get', {}],
    ['update', { client_name: 'Again' }],
    ['rotate-secret', {}],
    ['enable', {}],
    ['disable', {}],
  ])('client %s finds no such client', async (name, more) => {
    expect(await run(name, { client_id, ...more })).toMatchObject({ error: 'not_found' });
  });

  it('is in no list', async () => {
    expect(JSON.stringify(await run('list', {}))).not.toContain(client_id);
  });

  it('can be deleted again, which is no second event', async () => {
    expect(await deleteClient(server.gatehouse, client_id)).toBe(true);
    const deleted = (await auditEvents(server)).filter(({ type }) => type === 'client.deleted');
    expect(deleted).toHaveLength(1);
  });
});
