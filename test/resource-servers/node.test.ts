/** The APIs of docs/how-to/apis.md that need nothing but Node; `npm run test:resource-servers` runs the others too. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { block } from './guide.ts';
import { introspecting, node } from './kinds.ts';
import { runKind } from './run.ts';
import { prepareScene, type Scene } from './scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await prepareScene();
});
afterAll(() => scene.stop());

it.each([node, introspecting])('N2 T17 $name: every token is answered as the guide says', async (kind) => {
  for (const { what, expected, seen } of await runKind(scene, kind, false))
    expect(`${what}: ${seen}`).toBe(`${what}: ${expected}`);
});

it('T17 an API whose readers take JWT alone is told so by the guide’s command', async () => {
  scene.run('gatehouse client update');
  const { client_id } = scene.api.client;
  const api = await scene.server.gatehouse.clients.find(client_id);
  expect(api?.metadata).toMatchObject({ access_token_type: 'JWT', resources: ['https://api.example.com'] });
});

it('the guide names the versions that are here', () => {
  for (const name of ['express', 'jose']) {
    const path = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
    const { version } = JSON.parse(readFileSync(path, 'utf8'));
    expect(block('npm install')).toContain(`${name}@${version}`);
  }
});
