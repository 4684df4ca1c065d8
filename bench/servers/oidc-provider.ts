/** oidc-provider for comparison: the same clients, the same algorithms, every commit durable. */
import { exportJWK, generateKeyPair } from 'jose';
import Provider, { type Configuration, type KoaContextWithOIDC } from 'oidc-provider';
import { app, REDIRECT_URI, web } from '../clients.ts';
import { createAdapterFactory } from './oidc-provider-adapter.ts';

const port = Number(process.env.PORT);
const RESOURCE = 'urn:benchmark:resource';

const configuration: Configuration = {
  adapter: createAdapterFactory(process.env.DATABASE_FILE ?? ''),
  clients: [
    {
      client_id: web.client_id,
      client_secret: web.client_secret,
      redirect_uris: [REDIRECT_URI],
      grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
      id_token_signed_response_alg: 'ES256',
    },
    {
      client_id: app.client_id,
      redirect_uris: [REDIRECT_URI],
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'none',
      id_token_signed_response_alg: 'ES256',
    },
  ],
  jwks: { keys: [await newKey('ES256'), await newKey('RS256')] },
  cookies: { keys: ['benchmark cookie key'] },
  scopes: ['openid', 'offline_access', 'read'],
  findAccount: async (_context, sub) => ({ accountId: sub, claims: async () => ({ sub }) }),
  issueRefreshToken: async (_context, client) => client.grantTypeAllowed('refresh_token'),
  interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
  ttl: {
    AccessToken: 300,
    AuthorizationCode: 60,
    ClientCredentials: 300,
    Grant: 1_209_600,
    IdToken: 300,
    Interaction: 600,
    RefreshToken: 1_209_600,
    Session: 1_209_600,
  },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
    revocation: { enabled: true },
    // RFC 9068 access tokens for the scope `read`; otherwise opaque ones, as it introspects and revokes only those.
    resourceIndicators: {
      enabled: true,
      defaultResource: (context) => (wantsRead(context) ? RESOURCE : []),
      getResourceServerInfo: () => ({
        scope: 'read',
        accessTokenFormat: 'jwt',
        accessTokenTTL: 300,
        jwt: { sign: { alg: 'ES256' } },
      }),
      useGrantedResource: () => true,
    },
  },
};

const provider = new Provider(`http://localhost:${port}`, configuration);
provider.use(async (context, next) => {
  if (!context.path.startsWith('/interaction/')) return next();
  await finishInteraction(context as unknown as KoaContextWithOIDC);
});
provider.listen(port, '127.0.0.1', () => process.stdout.write('ready\n'));

async function newKey(alg: 'ES256' | 'RS256') {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return { ...(await exportJWK(privateKey)), alg, use: 'sig' };
}

function wantsRead(context: { oidc: { params?: Record<string, unknown> | undefined } }): boolean {
  return context.oidc.params?.scope === 'read';
}

/** Signs alice in and consents at once, as pages are not measured. */
async function finishInteraction({ req, res }: KoaContextWithOIDC): Promise<void> {
  const { params } = await provider.interactionDetails(req, res);
  const grant = new provider.Grant({ accountId: 'alice', clientId: String(params.client_id) });
  grant.addOIDCScope(String(params.scope));
  const grantId = await grant.save();
  await provider.interactionFinished(req, res, { login: { accountId: 'alice' }, consent: { grantId } });
}
