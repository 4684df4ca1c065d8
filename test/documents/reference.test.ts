/** What is generated is what the code says now; `npm run docs:write` writes it anew. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { expect, it } from 'vitest';
import { startServer } from '../support/server.ts';
import { root } from './blocks.ts';
import { readSchema } from './reference/data-model.ts';
import { addressesAt } from './reference/endpoints.ts';
import { generatedPages } from './reference/pages.ts';

it.each(generatedPages)(
  '%s is what npm run docs:write prints',
  async (path, write) => {
    expect(readFileSync(root + path, 'utf8')).toBe(await write());
  },
  60_000,
);

it('docs/reference/endpoints.md names every address that a server answers at', async () => {
  const served = new Set<string>();
  const watch = (message: unknown) => {
    const { fastify } = message as { fastify: FastifyInstance };
    fastify.addHook('onRoute', ({ url }) => void served.add(url));
  };
  subscribe('fastify.initialization', watch);
  const server = await startServer({ path: '/sso', environment: { GATEHOUSE_REGISTRATION: 'open' } });
  await server.stop();
  unsubscribe('fastify.initialization', watch);
  const named = addressesAt('/sso');
  expect([...served].filter((path) => !named.has(path) && !path.startsWith('/sso/assets/'))).toEqual([]);
  expect([...named].filter((path) => !served.has(path))).toEqual([]);
}, 60_000);

it('the data model is drawn whole: every table and every foreign key has its line', async () => {
  const text = readFileSync(`${root}docs/reference/data-model.md`, 'utf8');
  for (const { name, columns, references } of await readSchema()) {
    expect(text).toContain(`## \`${name}\``);
    for (const column of columns) expect(text).toContain(`| \`${column.name}\` |`);
    for (const { table, column } of references)
      expect(text).toMatch(new RegExp(`  ${table} \\|\\|(?:--|\\.\\.)o[{|] ${name} : ${column}`));
  }
}, 60_000);
