// Its examples simpleOAuthClient and simpleOAuthClientProvider: the app registers itself, as they do.
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { InMemoryOAuthClientProvider } from '@modelcontextprotocol/sdk/examples/client/simpleOAuthClientProvider.js';
import { CALLBACK, listen, newApp } from './app.mjs';
import { MCP_URL, serveCaller, serveMcp } from './mcp-server.mjs';

let authorization;
const provider = new InMemoryOAuthClientProvider(
  CALLBACK,
  {
    client_name: 'Simple OAuth MCP Client',
    redirect_uris: [CALLBACK],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'client_secret_post',
  },
  (url) => {
    authorization = url;
  },
);
let client;
let transport;

async function connect() {
  client = new Client({ name: 'simple-oauth-client', version: '1.0.0' }, { capabilities: {} });
  transport = new StreamableHTTPClientTransport(MCP_URL, { authProvider: provider });
  await client.connect(transport);
}

const app = newApp();
await serveMcp(app);
app.get('/login', async (_request, response) => {
  await connect().catch((error) => {
    if (!(error instanceof UnauthorizedError)) throw error;
  });
  response.redirect(authorization.href);
});
app.get('/callback', async (request, response) => {
  await transport.finishAuth(request.query.code);
  await connect();
  response.redirect('/me');
});
serveCaller(app, (tool) => client.callTool(tool));
listen(app);
