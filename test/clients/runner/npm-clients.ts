import type { Place } from './app.ts';
import type { ClientUnderTest } from './client.ts';
import { npm as language } from './languages.ts';

export const npmClients: readonly ClientUnderTest[] = [
  { name: 'openid-client', language, program: 'openid-client', without: ['API'] },
  { name: 'oauth4webapi', language, program: 'oauth4webapi', without: ['API'] },
  {
    name: '@azure/msal-node',
    language,
    program: 'msal-node',
    without: ['API', 'introspection'],
    note: '`protocolMode: OIDC`',
  },
  {
    name: 'passport-openidconnect',
    language,
    program: 'passport-openidconnect',
    without: ['ID token', 'API', 'introspection'],
    note: 'it checks the ID token and keeps its claims to itself',
  },
  {
    name: 'passport-oauth2',
    language,
    program: 'passport-oauth2',
    without: ['ID token', 'API', 'introspection'],
    note: '`_oauth2.useAuthorizationHeaderforGET(true)`, without which its `get` sends the token in the query',
  },
  {
    name: 'simple-oauth2',
    language,
    program: 'simple-oauth2',
    without: ['ID token', 'API', 'introspection'],
  },
  {
    name: '@auth/core',
    language,
    program: 'auth-core',
    without: ['API', 'refresh', 'introspection'],
    callback: '/auth/callback/gatehouse',
  },
  {
    name: 'express-openid-connect',
    language,
    program: 'express-openid-connect',
    without: ['API', 'introspection'],
    afterLogout: '',
    note: "`response_type: 'code'`; its default is the implicit flow, which is not offered",
  },
  { name: 'arctic', language, program: 'arctic', without: ['API', 'introspection'] },
  {
    name: 'oidc-client-ts',
    language,
    program: 'oidc-client-ts',
    without: ['API', 'introspection'],
    inChromium: true,
    metadata: () => ({ token_endpoint_auth_method: 'none', application_type: 'native' }),
    note: '`--type public --native`, since its page is on loopback; in Chromium',
  },
  {
    name: '@modelcontextprotocol/sdk',
    language,
    program: 'mcp-sdk',
    without: ['ID token', 'userinfo', 'introspection', 'sign-out'],
    metadata: mcpServer,
    note: 'registers itself; the API is an MCP server',
  },
  {
    name: 'mcp-remote',
    language,
    program: 'mcp-remote',
    without: ['ID token', 'userinfo', 'introspection', 'sign-out'],
    metadata: mcpServer,
    note: 'registers itself; the API is an MCP server',
  },
];

/** What is made here is the MCP server; its clients make themselves. */
function mcpServer({ origin }: Place): Record<string, unknown> {
  const none = { redirect_uris: undefined, post_logout_redirect_uris: undefined };
  return { ...none, grant_types: ['client_credentials'], resources: [`${origin}/mcp`] };
}
