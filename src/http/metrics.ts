/** /metrics: for this machine alone, or on a listener of its own. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { newLabel } from '../lib/ids.ts';
import { isLoopback } from '../lib/ip.ts';
import type { Caps } from './connections.ts';
import type { HttpContext } from './context.ts';
import { findHeadFault } from './head.ts';
import { commonHeaders, noStore } from './headers.ts';
import { createServers } from './server.ts';

/** Answers direct requests from this machine; one that a proxy passed on is somebody else's. */
export function registerMetrics(app: FastifyInstance, context: HttpContext): void {
  if (context.settings.metrics_listen) return;
  app.get(`${context.settings.basePath}/metrics`, async (request, reply) => {
    if (!isDirectAndLocal(request)) return reply.callNotFound();
    return noStore(reply)
      .type(context.metrics.contentType)
      .send(await context.metrics.text());
  });
}

const PROXY_HEADERS = [
  'forwarded',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
];

function isDirectAndLocal({ raw, headers }: FastifyRequest): boolean {
  const isForwarded = PROXY_HEADERS.some((name) => headers[name] !== undefined);
  return !isForwarded && isLoopback(raw.socket.remoteAddress ?? '');
}

/** Scrapers, and people who look. */
const CAPS: Caps = { most: 64, mostPerAddress: 16, exempt: [] };

/** The separate listener, where settings name one. */
export async function listenForMetrics(context: HttpContext): Promise<Server | undefined> {
  const address = context.settings.metrics_listen;
  if (!address) return undefined;
  const server = createServers(
    context,
    CAPS,
  )((request, response) => {
    answer(context, request, response).catch((error) => {
      context.log.error({ error: String(error) }, 'the metrics could not be told');
      response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(address.port, address.host, resolve);
  });
  return server;
}

async function answer(
  context: HttpContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const fault = findHeadFault(request);
  const found = request.method === 'GET' && request.url === '/metrics';
  const send = (status: number, type: string, text: string) =>
    response
      .writeHead(status, {
        ...commonHeaders(context.settings),
        'x-request-id': newLabel(context.clock, context.random),
        'cache-control': 'no-store',
        'content-type': type,
      })
      .end(text);
  if (fault) send(fault.status, 'text/plain', `${fault.description}\n`);
  else if (found) send(200, context.metrics.contentType, await context.metrics.text());
  else send(404, 'text/plain', 'not found; the metrics are at /metrics\n');
}
