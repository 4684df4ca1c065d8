import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { schemas } from '@asyncapi/specs';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv, type AnySchema } from 'ajv';
import addFormats from 'ajv-formats';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { describeApi } from '../../src/admin-commands/openapi-asyncapi-security-scheme.ts';
import { readBlocks } from '../documents/blocks.ts';
import { type Ran, runCommand } from '../support/command.ts';
import { confidentialClient, newPkce, passPages, redeem, requestOf } from '../support/flow.ts';
import { startServer } from '../support/server.ts';
import { createUserAgent } from '../support/user-agent.ts';

const RESOURCE = 'https://stock.example.com';
const SETTINGS = `issuer: https://id.example.com
scopes:
  stock:read: See what is in stock
`;

let directory: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-describe-'));
  writeFileSync(join(directory, 'gatehouse.yaml'), SETTINGS);
  const words = ['--name', 'Stock API', '--grant-type', 'client_credentials', '--resource', RESOURCE];
  expect(await run('client', 'create', ...words)).toMatchObject({ code: 0 });
});
afterAll(() => rmSync(directory, { recursive: true }));

const run = (...words: string[]): Promise<Ran> =>
  runCommand(directory, `sqlite:${join(directory, 'gatehouse.db')}`, words);

/** The block of the guide that begins so. */
const blockOf = (begins: string) =>
  readBlocks('docs/how-to/describe-an-api.md').find(({ text }) => text.startsWith(begins))?.text;

async function described(...words: string[]): Promise<string> {
  const { code, out, err } = await run('describe', ...words);
  expect(code, err).toBe(0);
  return out;
}

/** The description of an API with what was printed put at its end. */
const openapi = (version: string, printed: string) => `openapi: ${version}
info: { title: Stock, version: "1" }
${blockOf('paths:')}
      responses: { "200": { description: what is there } }
${printed}`;

const asyncapi = (version: string, printed: string) => `asyncapi: ${version}
info: { title: Stock, version: "1" }
servers:
  broker:
    host: broker.example.com
    protocol: mqtt
    security: [{ $ref: "#/components/securitySchemes/gatehouse" }]
${printed}`;

const openapiValidator = new Validator();
// The schemas bring the schema of schemas themselves.
const ajv = addFormats.default(new Ajv({ strict: false, meta: false }));
const asyncapiSchemas = { '3.0.0': schemas['3.0.0'] as AnySchema, '3.1.0': schemas['3.1.0'] as AnySchema };

async function isOpenapi(text: string): Promise<boolean> {
  return (await openapiValidator.validate(parse(text))).valid;
}

function isAsyncapi(version: keyof typeof asyncapiSchemas, text: string): boolean {
  // Compiled once: ajv remembers by the schema.
  return ajv.validate(asyncapiSchemas[version], parse(text)) as boolean;
}

// The printed words with what the schema must refuse in them: it looks at flows at all.
const WRONG = [
  (printed: string) => printed.replace(/ +tokenUrl: .*\n/, ''),
  (printed: string) => printed.replace('authorizationUrl: https:', 'authorizationUrl: not a URL'),
];

describe.each([{ more: [] }, { more: ['--resource', RESOURCE] }])('gatehouse describe $more', ({ more }) => {
  it('--openapi prints what OpenAPI 3.0, 3.1 and 3.2 take', async () => {
    const printed = await described('--openapi', ...more);
    for (const version of ['3.0.4', '3.1.1', '3.2.0']) {
      expect(await isOpenapi(openapi(version, printed))).toBe(true);
      const renamed = printed.replaceAll('scopes:', 'availableScopes:');
      expect(await isOpenapi(openapi(version, renamed))).toBe(false);
      for (const spoil of WRONG) expect(await isOpenapi(openapi(version, spoil(printed)))).toBe(false);
    }
  });

  it('--asyncapi prints what AsyncAPI 3.0 and 3.1 take', async () => {
    const printed = await described('--asyncapi', ...more);
    for (const version of ['3.0.0', '3.1.0'] as const) {
      expect(isAsyncapi(version, asyncapi(version, printed))).toBe(true);
      const renamed = printed.replaceAll('availableScopes:', 'scopes:');
      expect(isAsyncapi(version, asyncapi(version, renamed))).toBe(false);
      for (const spoil of WRONG) expect(isAsyncapi(version, asyncapi(version, spoil(printed)))).toBe(false);
    }
  });
});

it('a description names every scope that the server knows, and those about a person in no flow without one', async () => {
  const { components } = JSON.parse(await described('--openapi', '--json'));
  const { authorizationCode, clientCredentials } = components.securitySchemes.gatehouse.flows;
  expect(authorizationCode).toMatchObject({
    authorizationUrl: 'https://id.example.com/authorize',
    tokenUrl: 'https://id.example.com/token',
    refreshUrl: 'https://id.example.com/token',
    scopes: { openid: 'Recognize you when you come back', 'stock:read': 'See what is in stock' },
  });
  expect(clientCredentials).toEqual({
    tokenUrl: 'https://id.example.com/token',
    scopes: { 'stock:read': 'See what is in stock' },
  });
});

it('the guide shows what describe prints for its API', async () => {
  expect(await described('--openapi', '--resource', RESOURCE)).toBe(`${blockOf('components:')}\n`);
});

it('Z25 T19 the described address of /authorize leads to a token for that API, though nothing else names it', async () => {
  const server = await startServer();
  try {
    await server.user();
    await server.client({ grant_types: ['client_credentials'], resources: [RESOURCE] });
    const app = await confidentialClient(server);
    const api = { settings: server.gatehouse.settings, format: 'openapi', resource: RESOURCE } as const;
    const [address = ''] = /https?:[^"]+authorize[^"]+/.exec(JSON.stringify(describeApi(api))) ?? [];
    const agent = createUserAgent(server.issuer);
    const pkce = newPkce();
    // As Swagger UI goes on with an address that has a query.
    const query = new URLSearchParams(requestOf(app.client, pkce));
    const page = await passPages(agent, await agent.open(`${address}&${query}`));
    const response = new URL(page.location ?? '').searchParams;
    const answer = await redeem(server, app, { code: response.get('code') ?? '', pkce, agent, response });
    expect(decodeJwt(answer.body.access_token).aud).toBe(RESOURCE);
  } finally {
    await server.stop();
  }
});

it('describe refuses no kind, both kinds, and a resource that no client is registered for', async () => {
  const neither = await run('describe');
  expect(neither).toMatchObject({ code: 2, out: '' });
  expect(neither.err).toContain('--openapi or --asyncapi');
  expect(await run('describe', '--openapi', '--asyncapi')).toMatchObject({ code: 2, out: '' });
  const unknown = await run('describe', '--openapi', '--resource', 'https://elsewhere.example.com');
  expect(unknown).toMatchObject({ code: 3, out: '' });
  expect(unknown.err).toContain('no client answers for the resource https://elsewhere.example.com');
});
