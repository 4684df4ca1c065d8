/** What an endpoint learns of its request: method, URL, headers, certificate and source, whichever endpoint it is. */
import { TLSSocket } from 'node:tls';
import type { FastifyRequest } from 'fastify';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Endpoint } from '../../src/http/endpoints/endpoint.ts';
import { defineEndpoint } from '../../src/http/endpoints/endpoint.ts';
import { endpoints } from '../../src/http/endpoints/index.ts';
import { backChannelRequest } from '../../src/http/read-back-channel-request.ts';
import { type BackChannelRequest, headerOf } from '../../src/oauth/back-channel-request.ts';
import { OPEN_TO_EVERYBODY } from '../../src/oauth/proof-caller-was-authenticated.ts';
import { answerTo } from '../../src/oauth/requests/answer-to-proven-caller.ts';
import { startServer, type TestServer } from '../support/server.ts';

let asked: BackChannelRequest | undefined;
const toy = defineEndpoint({
  path: '/toys/:name',
  methods: ['GET', 'POST'],
  cors: 'none',
  async ask(_context, request) {
    asked = request;
    return answerTo(OPEN_TO_EVERYBODY, request.query());
  },
  send: (reply, body) => reply.send(body),
});

let server: TestServer;
beforeAll(async () => {
  (endpoints as Endpoint[]).push(toy);
  server = await startServer({ path: '/tenant' });
});
afterAll(() => server.stop());

it("the URL is the issuer's, whatever Host says, without the query", async () => {
  const answer = await fetch(`${server.issuer}/toys/a%2Fb?one=1`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', dpop: 'proof' },
    body: 'two=2',
  });
  expect(await answer.json()).toEqual([['one', '1']]);
  expect(asked).toMatchObject({
    method: 'POST',
    url: `${server.issuer}/toys/a%2Fb`,
    endpoint: '/toys/:name',
    pathParameters: { name: 'a/b' },
    pairs: [['two', '2']],
    json: undefined,
    source: { address: '127.0.0.1' },
  });
  expect(asked && headerOf(asked, 'dpop')).toBe('proof');
  expect(asked && headerOf(asked, 'authorization')).toBeUndefined();
});

it('a malformed query is an error only where it is read', async () => {
  const answer = await fetch(`${server.issuer}/toys/one?%zz`);
  expect([answer.status, (await answer.json()).error]).toEqual([400, 'invalid_request']);
});

it('the certificate is that of the socket where TLS ends here, and undefined where the client sent none', () => {
  const route = { path: '/token', url: '/tenant/token', body: 'form' } as const;
  const over = (socket: object) => {
    const raw = { socket: Object.assign(socket, { remoteAddress: '192.0.2.1' }) };
    const request = {
      raw,
      headers: {},
      params: {},
      body: [],
      url: '/tenant/token',
      method: 'POST',
      id: 'one',
    };
    return backChannelRequest(server.gatehouse, request as unknown as FastifyRequest, route).certificate();
  };
  const tls = (certificate: object | undefined) =>
    Object.defineProperties(Object.create(TLSSocket.prototype), {
      remoteAddress: { writable: true },
      getPeerX509Certificate: { value: () => certificate },
    });
  expect(over({})).toBeUndefined();
  expect(over(tls(undefined))).toBeUndefined();
  expect(over(tls({ raw: Buffer.from('der') }))).toEqual(Buffer.from('der'));
});
