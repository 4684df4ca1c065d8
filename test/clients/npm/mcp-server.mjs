/** An MCP server as the SDK's examples have it: a protected resource that checks the JWT itself. */

import { InvalidTokenError } from '@modelcontextprotocol/sdk/server/auth/errors.js';
import { requireBearerAuth } from '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js';
import {
  getOAuthProtectedResourceMetadataUrl,
  mcpAuthMetadataRouter,
} from '@modelcontextprotocol/sdk/server/auth/router.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import express from 'express';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { ISSUER, ORIGIN } from './app.mjs';

export const MCP_URL = new URL(`${ORIGIN}/mcp`);

const jwks = createRemoteJWKSet(new URL(`${ISSUER}/jwks`));
/** Those that it takes no more, as if they had expired. */
const refused = new Set();
/** The newest that it took. */
let taken;

async function verifyAccessToken(token) {
  if (refused.has(token)) throw new InvalidTokenError('Token has expired');
  const wanted = { issuer: ISSUER, audience: MCP_URL.href, typ: 'at+jwt' };
  const { payload } = await jwtVerify(token, jwks, wanted).catch((error) => {
    throw new InvalidTokenError(String(error));
  });
  taken = token;
  return { token, clientId: payload.client_id, scopes: payload.scope.split(' '), expiresAt: payload.exp };
}

function newServer() {
  const server = new McpServer({ name: 'tools', version: '1.0.0' });
  server.registerTool('who', { description: 'Says that it was called' }, () => ({
    content: [{ type: 'text', text: 'called' }],
  }));
  return server;
}

export const tokens = { taken: () => taken, refuse: (token) => refused.add(token) };

export async function serveMcp(app) {
  const oauthMetadata = await (await fetch(`${ISSUER}/.well-known/oauth-authorization-server`)).json();
  const options = { oauthMetadata, resourceServerUrl: MCP_URL, scopesSupported: ['mcp:tools'] };
  app.use(mcpAuthMetadataRouter(options));
  const resourceMetadataUrl = getOAuthProtectedResourceMetadataUrl(MCP_URL);
  const bearer = requireBearerAuth({
    verifier: { verifyAccessToken },
    requiredScopes: ['mcp:tools'],
    resourceMetadataUrl,
  });
  app.post('/mcp', bearer, express.json(), async (request, response) => {
    const server = newServer();
    const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
    response.on('close', () => void server.close());
    await server.connect(transport);
    await transport.handleRequest(request, response, request.body);
  });
  app.all('/mcp', bearer, (_request, response) => response.status(405).end());
}

/** The paths at which the run looks, for whatever calls the tool. */
export function serveCaller(app, call) {
  app.get('/me', (_request, response) => response.json({ access_token: taken }));
  app.get('/api', async (_request, response) => response.json({ called: await isCalled(call) }));
  app.get('/refresh', async (_request, response) => {
    refused.add(taken);
    if (!(await isCalled(call))) throw new Error('the tool did not answer');
    response.json({ access_token: taken });
  });
}

async function isCalled(call) {
  const { content } = await call({ name: 'who', arguments: {} });
  return content[0]?.text === 'called';
}
