/** The door: three scopes, each with its own parser, error renderer and headers; registered in this order. */

import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, METHODS } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { newIdentifier } from '../lib/ids.ts';
import { OAuthError } from '../oauth/errors.ts';
import type { HttpContext, PageContext } from './context.ts';
import { allowOrigin, type CorsRule, sendPreflight } from './cors.ts';
import type { Endpoint } from './endpoints/endpoint.ts';
import { endpoints, insertedEndpoints } from './endpoints/index.ts';
import { sendJsonError } from './errors-json.ts';
import { sendErrorPage } from './errors-page.ts';
import { toOAuthError } from './failure.ts';
import { acceptForms } from './form.ts';
import { commonHeaders, dataPolicy } from './headers.ts';
import { type Draining, registerHealth } from './health.ts';
import { registerMetrics } from './metrics.ts';
import { pages } from './pages/index.ts';
import { createPageTools, type PageTools } from './pages/page.ts';
import { createRenderer } from './render.ts';
import { sourceOf } from './source.ts';

const BODY_LIMIT_BYTES = 65_536;
const YEAR_SECONDS = 31_536_000;
/** Every method that Node parses, but CONNECT, which never reaches a handler. */
const ALL_METHODS = METHODS.filter((method) => method !== 'CONNECT');

export interface App {
  readonly fastify: FastifyInstance;
  readonly state: Draining;
}

export function createApp(context: HttpContext): App {
  const { settings } = context;
  const renderer = createRenderer({ basePath: settings.basePath, issuerHost: new URL(settings.issuer).host });
  const state: Draining = { draining: false };
  const fastify = Fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    logger: false,
    return503OnClosing: false,
    genReqId: () => newIdentifier(context.clock, context.random),
    serverFactory: (handler) => createServer(context, handler),
    frameworkErrors: (error, request, reply) => {
      sendJsonError(reply as FastifyReply, toOAuthError(error, context.log, request.id));
    },
  });
  for (const method of ALL_METHODS) {
    if (!fastify.supportedMethods.includes(method)) fastify.addHttpMethod(method);
  }
  watchRequests(fastify, context);
  fastify.register(async (scope) => registerEndpoints(scope, context));
  fastify.register(async (scope) => registerPages(scope, createPageTools({ ...context, renderer })));
  fastify.register(async (scope) => {
    registerHealth(scope, context, state);
    registerMetrics(scope, context);
  });
  registerNotFound(fastify, { ...context, renderer });
  return { fastify, state };
}

function createServer({ settings }: HttpContext, handler: Parameters<typeof createHttpServer>[1] & {}) {
  // A slow sender holds a socket for seconds, not for ever (MEASURED: Fastify's defaults are 0).
  const limits = {
    requestTimeout: 10_000,
    headersTimeout: 5000,
    keepAliveTimeout: 10_000,
    connectionsCheckingInterval: 2000,
  };
  const { tls_cert, tls_key } = settings;
  const server =
    tls_cert === undefined || tls_key === undefined
      ? createHttpServer(limits, handler)
      : createHttpsServer({ ...limits, ...tlsOptions(tls_cert, tls_key) }, handler);
  server.maxConnections = settings.max_connections;
  return server;
}

/** FAPI 2.0 §5.2, BCP 195: TLS 1.2 with ECDHE and AES-GCM, or TLS 1.3. */
function tlsOptions(certFile: string, keyFile: string) {
  return {
    cert: readFileSync(certFile),
    key: readFileSync(keyFile),
    minVersion: 'TLSv1.2',
    honorCipherOrder: true,
    ciphers: [
      'TLS_AES_128_GCM_SHA256',
      'TLS_AES_256_GCM_SHA384',
      'TLS_CHACHA20_POLY1305_SHA256',
      'ECDHE-ECDSA-AES128-GCM-SHA256',
      'ECDHE-RSA-AES128-GCM-SHA256',
      'ECDHE-ECDSA-AES256-GCM-SHA384',
      'ECDHE-RSA-AES256-GCM-SHA384',
    ].join(':'),
  } as const;
}

/** Headers that every answer has, one log line, one measurement. */
function watchRequests(fastify: FastifyInstance, context: HttpContext): void {
  const headers = commonHeaders(context.settings.issuer.startsWith('https:'));
  fastify.addHook('onRequest', async (request, reply) => {
    reply.headers(headers).header('x-request-id', request.id).header('content-security-policy', dataPolicy);
  });
  fastify.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown';
    const { method } = request;
    const durationMs = Math.round(reply.elapsedTime * 100) / 100;
    context.metrics.observe({ route, method, status: reply.statusCode, durationMs });
    const { address } = sourceOf(context, request);
    context.log.info(
      { requestId: request.id, method, route, status: reply.statusCode, durationMs, address },
      'request',
    );
  });
}

function registerEndpoints(scope: FastifyInstance, context: HttpContext): void {
  acceptForms(scope);
  scope.setErrorHandler((error, request, reply) =>
    sendJsonError(reply, toOAuthError(error, context.log, request.id)),
  );
  const { basePath } = context.settings;
  for (const endpoint of endpoints) registerEndpoint(scope, context, endpoint, basePath + endpoint.path);
  for (const endpoint of insertedEndpoints(basePath))
    registerEndpoint(scope, context, endpoint, endpoint.path);
}

function registerEndpoint(
  scope: FastifyInstance,
  context: HttpContext,
  endpoint: Endpoint,
  url: string,
): void {
  const { methods, cors } = endpoint;
  const allow = (request: FastifyRequest, reply: FastifyReply) => allowOrigin(context, cors, request, reply);
  scope.route({
    method: [...methods],
    url,
    ...(endpoint.response && { schema: { response: { 200: endpoint.response } } }),
    onRequest: allow,
    handler: (request, reply) => endpoint.handle(context, request, reply),
  });
  refuseOtherMethods(scope, url, methods, cors, allow);
}

/** 405 with Allow for whatever is not served (G15), and preflights where CORS applies. */
function refuseOtherMethods(
  scope: FastifyInstance,
  url: string,
  methods: readonly string[],
  cors: CorsRule,
  onRequest: (request: FastifyRequest, reply: FastifyReply) => Promise<void>,
): void {
  const served = [
    ...methods,
    ...(methods.includes('GET') ? ['HEAD'] : []),
    ...(cors === 'none' ? [] : ['OPTIONS']),
  ];
  if (cors !== 'none') {
    scope.route({
      method: 'OPTIONS',
      url,
      onRequest,
      handler: async (_request, reply) => sendPreflight(reply, methods),
    });
  }
  scope.route({
    method: ALL_METHODS.filter((method) => !served.includes(method)),
    url,
    handler: async (_request, reply) => {
      reply.header('allow', served.join(', '));
      throw new OAuthError(
        'invalid_request',
        'wrong_method',
        `this endpoint takes ${methods.join(' and ')}`,
        { status: 405 },
      );
    },
  });
}

function registerPages(scope: FastifyInstance, tools: PageTools): void {
  acceptForms(scope);
  scope.setErrorHandler((error, request, reply) =>
    sendErrorPage(reply, tools.renderer, toOAuthError(error, tools.log, request.id)),
  );
  for (const page of pages) {
    const url = tools.settings.basePath + page.path;
    const { submit } = page;
    scope.get(url, (request, reply) => page.show(tools, request, reply));
    if (submit) scope.post(url, (request, reply) => submit(tools, request, reply));
    refuseOtherMethods(scope, url, submit ? ['GET', 'POST'] : ['GET'], 'none', async () => {});
  }
  for (const [path, asset] of tools.renderer.assets) {
    scope.get(tools.settings.basePath + path, async (_request, reply) =>
      reply
        .header('cache-control', `public, max-age=${YEAR_SECONDS}, immutable`)
        .type(asset.contentType)
        .send(asset.body),
    );
  }
}

/** JSON for machines, a page for people. */
function registerNotFound(fastify: FastifyInstance, context: PageContext): void {
  fastify.setErrorHandler((error, request, reply) =>
    sendJsonError(reply, toOAuthError(error, context.log, request.id)),
  );
  fastify.setNotFoundHandler(async (request, reply) => {
    const error = new OAuthError('invalid_request', 'not_found', 'there is nothing at this address', {
      status: 404,
    });
    const wantsPage = (request.headers.accept ?? '').includes('text/html');
    return wantsPage ? sendErrorPage(reply, context.renderer, error) : sendJsonError(reply, error);
  });
}
