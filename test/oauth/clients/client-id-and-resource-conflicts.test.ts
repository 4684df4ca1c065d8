/** What a client may be called and own, and what is taken already, as the transaction sees it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isRefusal, PASSED } from '../../../src/lib/outcome.ts';
import {
  checkIdIsFree,
  checkResources,
} from '../../../src/oauth/clients/client-id-and-resource-conflicts.ts';
import { CALLBACK } from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { newPerson } from '../authorization/signed-in.ts';
import { clientOf } from './client-value.ts';

const API = 'https://api.example.com';

let server: TestServer;
let sub: string;
beforeAll(async () => {
  server = await startServer();
  sub = await newPerson(server, 'alice');
  await server.client({ client_id: 'app', redirect_uris: [CALLBACK] });
  await server.client({ client_id: 'api', grant_types: ['client_credentials'], resources: [API, 'urn:api'] });
});
afterAll(() => server.stop());

const reasonOf = (outcome: unknown) => (isRefusal(outcome) ? outcome.reason : outcome);

it('Q12 a client_id is that of no client, no person and no resource', async () => {
  const free = async (client_id: string) =>
    reasonOf(await server.gatehouse.db.write((tx) => checkIdIsFree(tx, client_id)));
  expect(await free('new')).toBe(PASSED);
  expect(await free('app')).toBe('client_id_taken');
  expect(await free(sub)).toBe('client_id_taken');
  expect(await free('urn:api')).toBe('client_id_as_resource');
  expect(await free(API)).toBe('client_id_as_resource');
});

describe('a resource', () => {
  const told = async (resources: readonly string[], owner = 'new', default_resource?: string) => {
    const metadata = { ...clientOf().metadata, resources, default_resource };
    const { db, settings } = server.gatehouse;
    return reasonOf(await db.write((tx) => checkResources(tx, settings.issuer, metadata, owner)));
  };

  it('has one resource server, in whichever of its two spellings', async () => {
    expect(await told(['https://new.example'])).toBe(PASSED);
    expect(await told([API], 'api')).toBe(PASSED);
    for (const resource of [API, `${API}/`]) expect(await told([resource]), resource).toBe('resource_taken');
  });

  it('RFC 9068 §5 is no client and not the issuer', async () => {
    expect(await told(['app'])).toBe('client_id_as_resource');
    for (const resource of [server.issuer, `${server.issuer}/`])
      expect(await told([resource]), resource).toBe('issuer_as_resource');
  });

  it('that is a default is registered, by this client or another', async () => {
    expect(await told([], 'new', API)).toBe(PASSED);
    expect(await told(['https://new.example'], 'new', 'https://new.example/')).toBe(PASSED);
    expect(await told([], 'new', 'https://new.example')).toBe('unregistered_default_resource');
  });
});
