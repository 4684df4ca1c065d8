/** The Orders API. It checks every token itself, whoever stands before it. RFC 9068 §4, RFC 6750 §3 */
import express from 'express';
import { createRemoteJWKSet, jwtVerify } from 'jose';

const { ISSUER = 'http://localhost:4000', RESOURCE = 'https://api.example.com', PORT = '8081' } = process.env;
const MOST_ORDERS = 1000;

const keys = createRemoteJWKSet(new URL(`${ISSUER}/jwks`));
const expected = {
  issuer: ISSUER,
  audience: RESOURCE,
  typ: 'at+jwt',
  algorithms: ['ES256'],
  requiredClaims: ['exp', 'sub', 'client_id'],
};

/** Whether Gatehouse's keys cannot be had now: that says nothing of the token. */
const isAway = ({ code = '' }) => ['', 'ERR_JWKS_TIMEOUT', 'ERR_JOSE_GENERIC'].includes(code);

/** For whoever has a token with the scope: 401 without a good token, 403 where it may not do this, 503 where nobody knows. */
const requireScope = (scope) => async (request, response, next) => {
  const [, token] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  if (token === undefined) return response.status(401).set('WWW-Authenticate', 'Bearer').end();
  try {
    request.token = (await jwtVerify(token, keys, expected)).payload;
  } catch (error) {
    if (isAway(error)) return response.status(503).end();
    return response.status(401).set('WWW-Authenticate', 'Bearer error="invalid_token"').end();
  }
  if (String(request.token.scope).split(' ').includes(scope)) return next();
  const challenge = `Bearer error="insufficient_scope", scope="${scope}"`;
  return response.status(403).set('WWW-Authenticate', challenge).end();
};

/** Who ordered what; in memory, since this is an example. */
const orders = [];

const api = express();
api.use(express.json({ limit: '10kb' }));

api.get('/orders', requireScope('orders:read'), ({ token }, response) => {
  response.json(orders.filter(({ sub }) => sub === token.sub).map(({ item }) => item));
});

api.post('/orders', requireScope('orders:write'), ({ token, body }, response) => {
  if (typeof body?.item !== 'string' || body.item === '') return response.status(400).end();
  if (orders.length >= MOST_ORDERS) return response.status(507).end();
  orders.push({ sub: token.sub, item: body.item.slice(0, 100) });
  return response.status(201).end();
});

api.get('/report', requireScope('orders:report'), (_request, response) => {
  response.json({ orders: orders.length });
});

api.listen(Number(PORT), '127.0.0.1', () => console.log(`the API listens on http://localhost:${PORT}`));
