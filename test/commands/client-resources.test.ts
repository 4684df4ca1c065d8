/** An API and its apps on the command line. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCommand } from '../support/command.ts';

const API = 'https://api.example.com';
let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-resources-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function client(words: string[], input = '') {
  const shell = `printf %s '${input}' | "$@"`;
  const database = `sqlite:${join(directory, 'gatehouse.db')}`;
  const { code, out, err } = await runCommand(directory, database, ['client', ...words, '--json'], { shell });
  return { code, err, said: code === 0 ? JSON.parse(out) : undefined };
}

const forItself = (name: string) => ['create', '--name', name, '--grant-type', 'client_credentials'];

it('default_resource is shown, changed and removed; an unknown one is refused with what to do first', async () => {
  const early = await client([...forItself('App'), '--default-resource', API]);
  expect(early.code).toBe(1);
  expect(early.err).toContain(`client update CLIENT_ID --resource ${API}`);
  expect((await client([...forItself('API'), '--resource', API])).code).toBe(0);
  const { said: app } = await client([...forItself('App'), '--default-resource', API]);
  expect(app.default_resource).toBe(API);
  const gone = await client(
    ['update', app.client_id, '--metadata', '-'],
    JSON.stringify({ default_resource: null }),
  );
  expect(gone.said).not.toHaveProperty('default_resource');
});

it('T17 access_token_type is at+jwt or JWT, of an API that has resources', async () => {
  const made = await client([
    ...forItself('Spring'),
    '--resource',
    'https://spring.example.com',
    '--access-token-type',
    'JWT',
    '--access-token-alg',
    'RS256',
  ]);
  expect(made.said).toMatchObject({ access_token_type: 'JWT', access_token_signed_response_alg: 'RS256' });
  const wrong = await client(['update', made.said.client_id, '--access-token-type', 'jwt']);
  expect([wrong.code, wrong.err]).toEqual([1, expect.stringMatching(/access_token_type: .*at\+jwt.*JWT/)]);
  const none = await client([...forItself('None'), '--access-token-type', 'JWT']);
  expect(none.err).toContain('name them by --resource');
});
