/** A response mode that signs and encrypts, as JARM would: what follows by itself when its row is added. */
import { createPublicKey } from 'node:crypto';
import { compactVerify, exportJWK, generateKeyPair } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { responseModes } from '../../../src/oauth/authorization/response-modes/index.ts';
import type { ResponseMode } from '../../../src/oauth/authorization/response-modes/mode.ts';
import type { ResponseModeName } from '../../../src/oauth/response-mode-names.ts';
import { authorizeUrl, newPkce, passPages, publicClient, redeem, requestOf } from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { createUserAgent } from '../../support/user-agent.ts';

const NAME = 'toy.jwt' as string as ResponseModeName;

/** By the algorithm of the client, and with the name of its key. */
const toyMode: ResponseMode = {
  name: NAME,
  async respond(redirect_uri, parameters, { client, context }) {
    const keys = await context.clientKeys.of(client, () => true);
    const kids = 'refused' in keys ? [] : keys.map(({ kid }) => kid);
    const alg = client.metadata.id_token_signed_response_alg;
    const exp = Math.floor(context.clock.nowMs() / 1000) + 600;
    const claims = { ...Object.fromEntries(parameters), aud: client.client_id, exp, kids };
    const response = await context.keys.sign(alg, undefined, claims);
    return { kind: 'redirect', location: `${redirect_uri}?response=${response}` };
  },
};

let server: TestServer;
beforeAll(async () => {
  (responseModes as readonly ResponseMode[] as ResponseMode[]).push(toyMode);
  server = await startServer();
  await server.user();
});
afterAll(() => server.stop());

async function app() {
  const { publicKey } = await generateKeyPair('ES256');
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'of the app' }] };
  return publicClient(server, { jwks, id_token_signed_response_alg: 'EdDSA' });
}

/** What it says, as far as it is signed by this server. */
async function readResponse(location: string | undefined) {
  const { searchParams } = new URL(location ?? '');
  expect([...searchParams.keys()]).toEqual(['response']);
  const { keys } = (await (await fetch(`${server.issuer}/jwks`)).json()) as { keys: { kid: string }[] };
  const { payload, protectedHeader } = await compactVerify(searchParams.get('response') ?? '', ({ kid }) =>
    createPublicKey({ key: keys.find((key) => key.kid === kid) ?? {}, format: 'jwk' }),
  );
  return { alg: protectedHeader.alg, claims: JSON.parse(Buffer.from(payload).toString()) };
}

it('discovery names it', async () => {
  const response = await fetch(`${server.issuer}/.well-known/openid-configuration`);
  const { response_modes_supported } = (await response.json()) as Record<string, unknown>;
  expect(response_modes_supported).toContain(NAME);
});

it('a code travels by it, made with what is known of the client, and is redeemed', async () => {
  const registered = await app();
  const { client } = registered;
  const agent = createUserAgent(server.issuer);
  const pkce = newPkce();
  const asked = requestOf(client, pkce, { response_mode: NAME, state: 'of the toy' });
  const { location } = await passPages(agent, await agent.open(authorizeUrl(server, asked)));
  const { alg, claims } = await readResponse(location);
  expect(alg).toBe('EdDSA');
  const said = { state: 'of the toy', iss: server.issuer, aud: client.client_id, kids: ['of the app'] };
  expect(claims).toMatchObject(said);
  const authorized = { code: claims.code, pkce, agent, response: new URLSearchParams() };
  expect((await redeem(server, registered, authorized)).status).toBe(200);
});

it('an error travels by it, at once and after the pages', async () => {
  const { client } = await app();
  const errorOf = async (location: string | undefined) => (await readResponse(location)).claims.error;
  const agent = createUserAgent(server.issuer);
  const ask = (more: Record<string, string>) =>
    agent.open(authorizeUrl(server, requestOf(client, newPkce(), { response_mode: NAME, ...more })));
  expect(await errorOf((await ask({ prompt: 'none' })).location)).toBe('login_required');
  const refused = await ask({ prompt: 'none', response_type: 'token' });
  expect(await errorOf(refused.location)).toBe('unsupported_response_type');
  await passPages(agent, await ask({}));
  const consent = await ask({ prompt: 'consent' });
  expect(await errorOf((await agent.submit(consent, { decision: 'deny' })).location)).toBe('access_denied');
});
