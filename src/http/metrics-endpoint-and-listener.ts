/** /metrics: only for requests from this machine, or on its own listener. */

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isLoopback } from '../lib/ip-address-checks.ts';
import { PASSED } from '../lib/outcome.ts';
import { newLabel } from '../lib/time-ordered-ids-and-secrets.ts';
import { checkHead } from './check-request-head.ts';
import type { HttpContext } from './context.ts';
import { createServers } from './create-server-with-limits.ts';
import type { Caps } from './limit-connections.ts';
import { commonHeaders, noStore } from './response-headers.ts';

/** Answers direct requests from this machine; a request that a proxy forwarded comes from another one. */
export function registerMetrics(app: FastifyInstance, context: HttpContext): void {
  if (context.settings.metrics_listen) return;
  const text = createSharedText(context);
  app.get(`${context.settings.basePath}/metrics`, async (request, reply) => {
    if (!isDirectAndLocal(request)) return reply.callNotFound();
    return noStore(reply)
      .type(context.metrics.contentType)
      .send(await text());
  });
}

const CACHED_MS = 1000;

/**
 * Makes one text a second for all scrapers: it takes 1 to 2 ms, in each of the processes (measured: 512 requests at once
 * took 0.7 s of the event loop).
 */
function createSharedText({ clock, metrics }: HttpContext): () => Promise<string> {
  let text: Promise<string> | undefined;
  let cachedAtMs = 0;
  return () => {
    const nowMs = clock.nowMs();
    // If the clock was set back, the age of the text is unknown.
    if (text === undefined || nowMs < cachedAtMs || nowMs >= cachedAtMs + CACHED_MS) {
      cachedAtMs = nowMs;
      text = metrics.text();
    }
    return text;
  };
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

/** Enough for scrapers and operators. */
const CAPS: Caps = { most: 64, mostPerAddress: 16, exempt: [] };

/** Opens the separate listener; undefined where the settings have none. */
export async function listenForMetrics(context: HttpContext): Promise<Server | undefined> {
  const address = context.settings.metrics_listen;
  if (!address) return undefined;
  const text = createSharedText(context);
  const server = createServers(
    context,
    CAPS,
  )((request, response) => {
    answer(context, text, request, response).catch((error) => {
      context.log.error({ error: String(error) }, 'the metrics could not be sent');
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
  text: () => Promise<string>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const checked = checkHead(request);
  const found = request.method === 'GET' && request.url === '/metrics';
  const send = (status: number, type: string, body: string) =>
    response
      .writeHead(status, {
        ...commonHeaders(context.settings),
        'x-request-id': newLabel(context.clock, context.random),
        'cache-control': 'no-store',
        'content-type': type,
      })
      .end(body);
  if (checked !== PASSED) send(checked.status, 'text/plain', `${checked.description}\n`);
  else if (found) send(200, context.metrics.contentType, await text());
  else send(404, 'text/plain', 'not found; the metrics are at /metrics\n');
}
