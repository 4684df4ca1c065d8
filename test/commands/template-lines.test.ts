/** What is to be pasted into an app is printed as it is to be pasted. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCommand } from '../support/command.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-lines-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const create = (name: string, ...words: string[]) => {
  const app = ['--template', 'grafana', '--url', 'https://grafana.example.com', '--name', name, ...words];
  return runCommand(directory, `sqlite:${join(directory, 'g.db')}`, ['client', 'create', ...app]);
};

it('below the table, line by line, for people; as one text in JSON', async () => {
  const { out } = await create('One');
  expect(out).toMatch(/^client_id {2,}\S+$/m);
  expect(out).toMatch(/\n\napp_settings:\n\n\[auth\.generic_oauth\]\nenabled = true\n/);
  expect(out).not.toContain('u000a');
  const { app_settings } = JSON.parse((await create('Two', '--json')).out);
  expect(app_settings).toMatch(/^\[auth\.generic_oauth\]\nenabled = true\n/);
});
