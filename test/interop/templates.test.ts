import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientNoun } from '../../src/admin-commands/client.ts';
import { readTemplate, templateNames } from '../../src/admin-commands/client-templates-of-known-apps.ts';
import { groupNoun } from '../../src/admin-commands/group.ts';
import type { Noun } from '../../src/admin-commands/noun-and-verb-types.ts';
import { authorizeUrl, newPkce, passPages, redeem, refresh, userinfo } from '../support/flow.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { createUserAgent } from '../support/user-agent.ts';
import { guideOf, guidesDirectory } from './guides.ts';

// biome-ignore lint/suspicious/noExplicitAny: what a command prints is looked at member by member
type Printed = any;
let server: TestServer;

async function run(noun: Noun, name: string, input: Record<string, unknown>): Promise<Printed> {
  const verb = noun.verbs.find((candidate) => candidate.name === name);
  if (!verb) throw new Error(`no ${noun.name} ${name}`);
  return verb.run({ ...server.gatehouse, operator: 'os:test' }, verb.input.parse(input));
}

beforeAll(async () => {
  server = await startServer();
  const alice = await server.user('alice', { name: 'Alice', email_verified: true });
  await run(groupNoun, 'create', { group: 'gardeners' });
  await run(groupNoun, 'add-user', { group: 'gardeners', users: [alice.username] });
});
afterAll(() => server.stop());

const create = (name: string, more: Record<string, unknown> = {}) =>
  run(clientNoun, 'create', {
    template: name,
    url: `https://${name}.example.com/`,
    // Of one name there is one.
    client_name: `${name} ${randomUUID()}`,
    ...more,
  });

describe.each(templateNames())('%s', (name) => {
  const { behaves, client: wanted } = readTemplate(name);

  it('signs in as the app does, and finds the groups where it looks for them', async () => {
    const { client_id, client_secret } = await create(name);
    const client = await server.gatehouse.clients.find(client_id);
    if (!client) throw new Error('no client');
    const as = { client, client_secret };
    const [registered = ''] = client.metadata.redirect_uris;
    // A program on a person's machine listens on a port of its own.
    const redirect_uri = registered.startsWith('http://localhost') ? 'http://localhost:8000' : registered;
    const { code_verifier, code_challenge } = newPkce();
    const request = {
      response_type: 'code',
      client_id,
      redirect_uri,
      scope: String(wanted.scope),
      state: 'a state',
      ...(behaves.pkce && { code_challenge, code_challenge_method: 'S256' }),
    };
    const agent = createUserAgent(server.issuer);
    const page = await passPages(agent, await agent.open(authorizeUrl(server, request)));
    const response = new URL(page.location ?? '').searchParams;
    expect(page.location?.startsWith(redirect_uri)).toBe(true);
    const authorized = {
      code: response.get('code') ?? '',
      pkce: { code_verifier, code_challenge },
      agent,
      response,
    };
    const more = behaves.pkce ? { redirect_uri } : { redirect_uri, code_verifier: '' };
    const { status, body } = await redeem(server, as, authorized, more);
    expect(status, JSON.stringify(body)).toBe(200);
    const { body: person } = await userinfo(server, body.access_token);
    if (behaves.groups === 'id_token') expect(decodeJwt(body.id_token).groups).toEqual(['gardeners']);
    if (behaves.groups === 'userinfo') expect(person.groups).toEqual(['gardeners']);
    if (String(wanted.scope).includes('email'))
      expect(person).toMatchObject({ email: 'alice@example.com', email_verified: true });
    if (behaves.refresh) expect((await refresh(server, as, body.refresh_token)).status).toBe(200);
  });

  it('prints what to write in the app, and its guide says the same', async () => {
    const created = await create(name, { client_name: `My own ${name}` });
    expect(created.client_name).toBe(`My own ${name}`);
    const { text } = created.app_settings;
    expect(text).toContain(created.client_id);
    if (created.client_secret !== undefined) expect(text).toContain(created.client_secret);
    expect(text).not.toMatch(/\{(url|issuer|client_id|client_secret)\}/);
    expect(readFileSync(new URL(`${name}.md`, guidesDirectory), 'utf8')).toBe(guideOf(name));
  });
});

it('an unknown template is refused with the nearest, and one that needs a URL says so', async () => {
  expect(await create('grafanna')).toMatchObject({
    reason: 'unknown_template',
    description: expect.stringContaining('did you mean grafana'),
  });
  expect(await run(clientNoun, 'create', { template: 'gitea' })).toMatchObject({ reason: 'missing_url' });
  expect(await create('gitea', { url: 'javascript:alert(1)' })).toMatchObject({ reason: 'missing_url' });
  expect((await run(clientNoun, 'templates', {})).length).toBe(10);
});
