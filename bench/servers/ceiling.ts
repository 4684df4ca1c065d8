/**
 * The ceiling: Fastify that only parses, signs and stores, with group commit and remembered tokens. Real work, and
 * none of the policy: no throttling, no audit, no consent, no grace, no profiles, no security headers.
 */
import { createHash, generateKeyPairSync, type KeyObject, randomFillSync, sign, verify } from 'node:crypto';
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import { app as publicClient, REDIRECT_URI, web } from '../clients.ts';
import { openStorage } from './ceiling-storage.ts';

const port = Number(process.env.PORT);
const issuer = `http://localhost:${port}`;
const storage = openStorage(process.env.DATABASE_FILE ?? '');
const { statements } = storage;
const key = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const header = Buffer.from(JSON.stringify({ alg: 'ES256', typ: 'at+jwt', kid: 'k' })).toString('base64url');
const secretHash = sha256(web.client_secret);
const remembered = new Map<string, Claims>();

interface Claims {
  readonly sub: string;
  readonly jti: string;
  readonly exp: number;
  readonly grant_id?: string;
}
interface GrantRow {
  readonly grant_id: string;
  readonly sub: string;
  readonly client_id: string;
  readonly scope: string;
}
type Form = Readonly<Record<string, string>>;

const tokenAnswer = {
  type: 'object',
  properties: {
    access_token: { type: 'string' },
    token_type: { type: 'string' },
    expires_in: { type: 'integer' },
    scope: { type: 'string' },
    refresh_token: { type: 'string' },
    id_token: { type: 'string' },
  },
};
/** The document that Gatehouse publishes, so that as many bytes are sent. */
const discovery = Buffer.from(process.env.DISCOVERY_DOCUMENT ?? '{}');

const fastify = Fastify({ logger: false });
fastify.removeAllContentTypeParsers();
fastify.addContentTypeParser(
  'application/x-www-form-urlencoded',
  { parseAs: 'string' },
  (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(body as string))),
);
fastify.get('/.well-known/openid-configuration', (_request, reply) =>
  reply.type('application/json').send(discovery),
);
fastify.get('/auth', authorize);
fastify.post('/token', { schema: { response: { 200: tokenAnswer } } }, token);
fastify.post('/token/introspection', introspect);
fastify.post('/token/revocation', revoke);
fastify.get('/me', userinfo);
await fastify.listen({ port, host: '127.0.0.1' });
process.stdout.write('ready\n');

async function authorize(request: FastifyRequest, reply: FastifyReply) {
  const query = request.query as Form;
  if (query.redirect_uri !== REDIRECT_URI) return reply.code(400).send();
  const session = /session=([^;]+)/.exec(request.headers.cookie ?? '')?.[1];
  const sub = session === undefined ? undefined : findSub(session);
  if (sub === undefined) return startSession(request, reply);
  const code = newValue(32);
  const grant_id = newValue(20);
  const { client_id, redirect_uri, code_challenge } = query;
  await storage.write(() => {
    statements.insertGrant.run(grant_id, sub, client_id, query.scope);
    const payload = JSON.stringify({ client_id, redirect_uri, code_challenge });
    statements.insertCode.run(sha256(code), grant_id, payload, Date.now() + 30_000);
  });
  return reply.redirect(
    `${redirect_uri}?code=${code}&state=${query.state}&iss=${encodeURIComponent(issuer)}`,
  );
}

async function startSession(request: FastifyRequest, reply: FastifyReply) {
  const session = newValue(32);
  await storage.write(() => statements.insertSession.run(sha256(session), 'alice'));
  return reply.header('set-cookie', `session=${session}`).redirect(request.url);
}

function findSub(session: string): string | undefined {
  return (statements.findSession.get(sha256(session)) as { sub: string } | undefined)?.sub;
}

async function token(request: FastifyRequest, reply: FastifyReply) {
  const form = request.body as Form;
  const client_id = authenticate(request, form);
  if (client_id === undefined) return reply.code(401).send();
  if (form.grant_type === 'client_credentials') return answer({ sub: client_id, scope: 'read' });
  return form.grant_type === 'refresh_token' ? refresh(form, reply) : redeem(form, client_id, reply);
}

async function redeem(form: Form, client_id: string, reply: FastifyReply) {
  const challenge = sha256(form.code_verifier ?? '');
  const family = newValue(32);
  const grant = await storage.write(() => {
    const now = Date.now();
    const spent = statements.consumeCode.get(now, sha256(form.code ?? ''), now) as
      | { grant_id: string; payload: string }
      | undefined;
    if (!spent) return undefined;
    const payload = JSON.parse(spent.payload);
    if (payload.client_id !== client_id || payload.code_challenge !== challenge) return undefined;
    statements.insertFamily.run(sha256(family), spent.grant_id);
    return statements.findGrant.get(spent.grant_id) as GrantRow;
  });
  if (!grant) return reply.code(400).send();
  return answer({ ...grant, refresh_token: `${family}.0`, isOpenId: true });
}

async function refresh(form: Form, reply: FastifyReply) {
  const [family = '', generation] = (form.refresh_token ?? '').split('.');
  const grant = await storage.write(() => {
    const row = statements.rotateFamily.get(sha256(family), Number(generation)) as
      | { grant_id: string }
      | undefined;
    return row && (statements.findGrant.get(row.grant_id) as GrantRow);
  });
  if (!grant) return reply.code(400).send();
  return answer({ ...grant, refresh_token: `${family}.${Number(generation) + 1}`, isOpenId: true });
}

async function introspect(request: FastifyRequest, reply: FastifyReply) {
  const form = request.body as Form;
  if (authenticate(request, form) === undefined) return reply.code(401).send();
  const claims = findToken(form.token ?? '');
  return claims ? { active: true, token_type: 'Bearer', ...claims } : { active: false };
}

async function revoke(request: FastifyRequest, reply: FastifyReply) {
  const form = request.body as Form;
  if (authenticate(request, form) === undefined) return reply.code(401).send();
  if (form.token_type_hint === 'refresh_token') await revokeFamily(form.token ?? '');
  else {
    const claims = findToken(form.token ?? '');
    if (claims) await storage.write(() => statements.insertRevoked.run(claims.jti));
  }
  return reply.code(200).send();
}

async function revokeFamily(refreshToken: string): Promise<void> {
  const [family = ''] = refreshToken.split('.');
  await storage.write(() => {
    const row = statements.revokeFamily.get(sha256(family)) as { grant_id: string } | undefined;
    if (row) statements.deleteGrant.run(row.grant_id);
  });
}

async function userinfo(request: FastifyRequest, reply: FastifyReply) {
  const claims = findToken((request.headers.authorization ?? '').slice(7));
  return claims ? { sub: claims.sub } : reply.code(401).send();
}

/** The claims of a live token: verified once; its grant and its revocation are read each time. */
function findToken(text: string): Claims | undefined {
  const digest = sha256(text);
  let claims = remembered.get(digest);
  if (!claims) {
    const [head = '', body = '', signature = ''] = text.split('.');
    const options = { key: key.publicKey, dsaEncoding: 'ieee-p1363' } as const;
    const data = Buffer.from(`${head}.${body}`);
    if (!verify('sha256', data, options, Buffer.from(signature, 'base64url'))) return undefined;
    claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Claims;
    if (remembered.size > 10_000) remembered.clear();
    remembered.set(digest, claims);
  }
  if (claims.exp * 1000 < Date.now() || statements.findRevoked.get(claims.jti)) return undefined;
  if (claims.grant_id !== undefined && !statements.findGrant.get(claims.grant_id)) return undefined;
  return claims;
}

function authenticate(request: FastifyRequest, form: Form): string | undefined {
  const { authorization } = request.headers;
  if (authorization === undefined)
    return form.client_id === publicClient.client_id ? form.client_id : undefined;
  const text = Buffer.from(authorization.slice(6), 'base64').toString();
  const [client_id, secret = ''] = text.split(':');
  return client_id === web.client_id && sha256(secret) === secretHash ? client_id : undefined;
}

function answer(parts: {
  sub: string;
  scope: string;
  client_id?: string;
  grant_id?: string;
  refresh_token?: string;
  isOpenId?: boolean;
}) {
  const { sub, scope, client_id = sub, grant_id, refresh_token } = parts;
  const iat = Math.floor(Date.now() / 1000);
  const common = { iss: issuer, sub, aud: client_id, iat, exp: iat + 300 };
  const access_token = jwt({ ...common, client_id, scope, grant_id, jti: newValue(20) });
  const id_token = parts.isOpenId
    ? jwt({ ...common, at_hash: sha256(access_token).slice(0, 22) })
    : undefined;
  return { access_token, token_type: 'Bearer', expires_in: 300, scope, refresh_token, id_token };
}

function jwt(claims: object): string {
  const text = `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
  const options: { key: KeyObject; dsaEncoding: 'ieee-p1363' } = {
    key: key.privateKey,
    dsaEncoding: 'ieee-p1363',
  };
  return `${text}.${sign('sha256', Buffer.from(text), options).toString('base64url')}`;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

function newValue(bytes: number): string {
  return Date.now().toString(32) + randomFillSync(Buffer.allocUnsafe(bytes)).toString('base64url');
}
