// Its README: `npx mcp-remote URL`, started by a client that speaks to local servers alone.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { listen, newApp } from './app.mjs';
import { MCP_URL, serveCaller, serveMcp } from './mcp-server.mjs';

const client = new Client({ name: 'local-client', version: '1.0.0' }, { capabilities: {} });
const transport = new StdioClientTransport({
  command: 'npx',
  args: ['mcp-remote', MCP_URL.href],
  env: { ...process.env, MCP_REMOTE_CONFIG_DIR: mkdtempSync(join(tmpdir(), 'mcp-remote-')) },
  stderr: 'pipe',
});

/** It opens a browser, and says where for people who have none. */
const authorization = new Promise((resolve) => {
  let said = '';
  transport.stderr.on('data', (chunk) => {
    process.stderr.write(chunk);
    said += chunk;
    const [url] = /https:\S+\/authorize\?\S+/.exec(said) ?? [];
    if (url) resolve(url);
  });
});

const app = newApp();
await serveMcp(app);
let connected;
app.get('/login', async (_request, response) => {
  connected = client.connect(transport);
  response.redirect(await authorization);
});
app.get('/me', async (_request, _response, next) => {
  await connected;
  next();
});
serveCaller(app, (tool) => client.callTool(tool));
listen(app);
