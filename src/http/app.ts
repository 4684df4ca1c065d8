/** The HTTP application: three scopes, each with its own parser, error renderer and headers; registered in this order. */
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Settings } from '../config/settings-schema.ts';
import { checkInOrder, PASSED } from '../lib/outcome.ts';
import { newLabel } from '../lib/time-ordered-ids-and-secrets.ts';
import { refuseFactorsWithoutPage } from '../oauth/page-models/refuse-factors-without-page.ts';
import { longestOf } from '../oauth/parameters.ts';
import { bodyOf } from '../oauth/requests/answer-to-proven-caller.ts';
import { checkHeaderLengths } from './check-header-lengths.ts';
import { checkHead } from './check-request-head.ts';
import type { HttpContext, PageContext } from './context.ts';
import { toOAuthError } from './convert-to-oauth-error.ts';
import { acceptCookies } from './cookies.ts';
import { allowOrigin } from './cors.ts';
import { createServers, socketTimes } from './create-server-with-limits.ts';
import { registerDoctorEndpoints } from './doctor-endpoints.ts';
import type { Endpoint } from './endpoints/endpoint.ts';
import { endpoints, insertedEndpoints, jsonEndpoints } from './endpoints/index.ts';
import { sendJsonError } from './errors-json.ts';
import { sendError } from './errors-page-or-json.ts';
import { acceptForms } from './form-body.ts';
import { createForwardingWatch } from './forwarding-warnings.ts';
import { createServerState, type ServerState, watchSockets } from './graceful-stop.ts';
import { registerHealth } from './health.ts';
import { acceptJson, JSON_TYPE } from './json-body.ts';
import type { Caps } from './limit-connections.ts';
import { refuseOtherMethods, routeEveryMethod } from './method-not-allowed-and-preflight.ts';
import { registerMetrics } from './metrics-endpoint-and-listener.ts';
import { sendNotFound } from './not-found-with-suggestion.ts';
import { createRenderer } from './page-renderer.ts';
import { pages } from './pages/index.ts';
import type { Page } from './pages/page.ts';
import {
  createPageTools,
  type PageTools,
  type SharedPageTools,
  toolsOf,
} from './pages/tools-given-to-pages.ts';
import { isPageMade } from './pages/who-may-open-page.ts';
import { backChannelRequest, type Route } from './read-back-channel-request.ts';
import { sourceOf } from './request-source.ts';
import { commonHeaders, noStore } from './response-headers.ts';
import { createAnswerBatch } from './send-answers-in-batches.ts';
import { sendErrorPageOfApp } from './send-error-page.ts';
import { tlsOf } from './tls-options.ts';

const LONGEST_PATH_PARAMETER = longestOf('client_id');
const YEAR_SECONDS = 31_536_000;

export interface App {
  readonly fastify: FastifyInstance;
  readonly serverState: ServerState;
}

/** Tests pass shorter `times` than {@link socketTimes}. */
export function createApp(context: HttpContext, times = socketTimes): App {
  refuseFactorsWithoutPage(pages.map(({ path }) => path));
  const { settings } = context;
  const pageContext = { ...context, renderer: createRenderer(settings) };
  const serverState = createServerState();
  const setHeaders = commonHeaderSetter(context);
  const newServer = createServers(context, capsOf(settings), times);
  const tls = tlsOf(settings);
  const fastify = Fastify({
    logger: false,
    // urlencoded-pairs.ts reads the query.
    routerOptions: { querystringParser: () => ({}), maxParamLength: LONGEST_PATH_PARAMETER },
    return503OnClosing: false,
    genReqId: () => newLabel(context.clock, context.random),
    serverFactory: (handler) => watchSockets(serverState, newServer(handler, tls)),
    // create-server-with-limits.ts answers these errors.
    clientErrorHandler: () => {},
    // Fastify runs no hook for a URL that cannot be decoded.
    frameworkErrors: (error, request, reply) => {
      setHeaders(request, reply as FastifyReply);
      reply.raw.once('finish', () => observe(context, request, reply as FastifyReply));
      sendError(request, reply as FastifyReply, pageContext, error);
    },
  });
  routeEveryMethod(fastify);
  watchRequests(fastify, pageContext, serverState, setHeaders);
  fastify.register(async (scope) => registerEndpoints(scope, context));
  fastify.register(async (scope) => registerJsonEndpoints(scope, context));
  fastify.register(async (scope) => registerPages(scope, createPageTools(pageContext, pages)));
  fastify.register(async (scope) => {
    registerHealth(scope, context, serverState);
    registerDoctorEndpoints(scope, context);
    registerMetrics(scope, context);
  });
  fastify.setErrorHandler((error, request, reply) => sendError(request, reply, pageContext, error));
  fastify.setNotFoundHandler(async (request, reply) => sendNotFound(request, reply, pageContext));
  return { fastify, serverState };
}

function capsOf(settings: Settings): Caps {
  const { max_connections, max_connections_per_address, trusted_proxies } = settings;
  return { most: max_connections, mostPerAddress: max_connections_per_address, exempt: trusted_proxies };
}

type SetHeaders = (request: FastifyRequest, reply: FastifyReply) => void;

/** Sets the headers that every answer has. */
function commonHeaderSetter({ settings }: HttpContext): SetHeaders {
  const headers = commonHeaders(settings);
  return (request, reply) => void reply.headers(headers).header('x-request-id', request.id);
}

function watchRequests(
  fastify: FastifyInstance,
  context: PageContext,
  serverState: ServerState,
  setHeaders: SetHeaders,
): void {
  const sendInBatch = createAnswerBatch();
  const watchForwarding = createForwardingWatch(context);
  fastify.addHook('onRequest', (request, reply, done) => {
    setHeaders(request, reply);
    watchForwarding(request.raw);
    const checked = checkInOrder(
      () => checkHead(request.raw),
      () => checkHeaderLengths(request.headers),
    );
    if (checked !== PASSED) {
      // Where the body ends may be unclear; in HTTP/1.1 Node's parser refuses such a request by itself.
      if (request.raw.httpVersion === '1.0') reply.header('connection', 'close');
      return done(checked);
    }
    // Before the body is read: no handler would read it.
    if (request.is404) return void sendNotFound(request, reply, context);
    done();
  });
  fastify.addHook('onSend', (_request, reply, payload, done) => {
    const send = () => {
      if (serverState.closing) reply.header('connection', 'close');
      done(null, payload);
    };
    if (serverState.heldAnswers) serverState.heldAnswers.push(send);
    else sendInBatch(send);
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    observe(context, request, reply);
    done();
  });
}

/** Writes one log line and one measurement. `route` is the route's pattern, never text from a client (G14). */
function observe(context: HttpContext, request: FastifyRequest, reply: FastifyReply): void {
  const route = request.routeOptions.url ?? 'unknown';
  const { method, id: requestId } = request;
  const { statusCode: status } = reply;
  const durationMs = Math.round(reply.elapsedTime * 100) / 100;
  const { address } = sourceOf(context, request);
  context.metrics.observe({ route, method, status, durationMs });
  context.log.request({ requestId, method, route, status, durationMs, address });
}

function registerEndpoints(scope: FastifyInstance, context: HttpContext): void {
  acceptForms(scope);
  scope.setErrorHandler((error, request, reply) =>
    sendJsonError(reply, toOAuthError(error, context.log, request.id)),
  );
  const { basePath } = context.settings;
  for (const endpoint of endpoints)
    registerEndpoint(scope, context, endpoint, { url: basePath + endpoint.path, body: 'form' });
  for (const endpoint of insertedEndpoints(basePath))
    registerEndpoint(scope, context, endpoint, { url: endpoint.path, body: 'form' });
}

function registerJsonEndpoints(scope: FastifyInstance, context: HttpContext): void {
  acceptJson(scope);
  scope.setErrorHandler((error, request, reply) =>
    sendJsonError(reply, toOAuthError(error, context.log, request.id, JSON_TYPE)),
  );
  const { settings } = context;
  for (const endpoint of jsonEndpoints(settings))
    registerEndpoint(scope, context, endpoint, { url: settings.basePath + endpoint.path, body: 'json' });
}

function registerEndpoint(
  scope: FastifyInstance,
  context: HttpContext,
  endpoint: Endpoint,
  { url, body }: Pick<Route, 'url' | 'body'>,
): void {
  const { path, methods, cors: rule } = endpoint;
  const allow = (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void) => {
    const asked = allowOrigin(context, rule, request, reply);
    if (asked) asked.then(() => done(), done);
    else done();
  };
  scope.route({
    method: [...methods],
    url,
    ...(endpoint.response && { schema: { response: { 200: endpoint.response } } }),
    onRequest: allow,
    async handler(request, reply) {
      const asked = backChannelRequest(context, request, { path, url, body });
      // An endpoint with a public answer replaces this header.
      return endpoint.send(noStore(reply), bodyOf(await endpoint.ask(context, asked)), asked);
    },
  });
  refuseOtherMethods(scope, url, methods, { rule, allow });
}

function registerPages(scope: FastifyInstance, tools: SharedPageTools): void {
  acceptForms(scope);
  acceptCookies(scope);
  scope.setErrorHandler((error, request, reply) =>
    sendErrorPageOfApp(reply, tools, toOAuthError(error, tools.log, request.id)),
  );
  for (const page of pages) registerPage(scope, toolsOf(tools, page), page);
  for (const [path, asset] of tools.renderer.assets) {
    const url = tools.settings.basePath + path;
    scope.get(url, async (_request, reply) =>
      reply
        .header('cache-control', `public, max-age=${YEAR_SECONDS}, immutable`)
        .type(asset.contentType)
        .send(asset.body),
    );
    refuseOtherMethods(scope, url, ['GET']);
  }
}

function registerPage(scope: FastifyInstance, tools: PageTools, page: Page): void {
  if (!isPageMade(page)) throw new Error(`${page.path}: its row does not say who may open it`);
  const { submit } = page;
  for (const url of addressesOf(page, tools.settings)) {
    // RFC 9110 §9.3.2, §9.2.1: HEAD is a safe method, but showing a page may issue a code.
    scope.head(url, async (_request, reply) => noStore(reply).type('text/html; charset=utf-8').send());
    scope.get(url, (request, reply) => page.show(tools, request, reply));
    if (submit) scope.post(url, (request, reply) => submit(tools, request, reply));
    refuseOtherMethods(scope, url, submit ? ['GET', 'POST'] : ['GET']);
  }
}

/** The issuer has no slash at its end, and that address is the one that users are given. */
function addressesOf({ path, isAtRoot }: Page, { basePath }: Settings): readonly string[] {
  if (isAtRoot) return [path];
  return path === '/' && basePath !== '' ? [basePath, `${basePath}/`] : [basePath + path];
}
