/** /metrics: for this machine alone, or on a listener of its own. */

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { newLabel } from '../lib/ids.ts';
import { isLoopback } from '../lib/ip.ts';
import { PASSED } from '../lib/outcome.ts';
import type { Caps } from './connections.ts';
import type { HttpContext } from './context.ts';
import { commonHeaders, noStore } from './headers.ts';
import { checkHead } from './request-head.ts';
import { createServers } from './server.ts';

/** Answers direct requests from this machine; one that a proxy passed on is somebody else's. */
export function registerMetrics(app: FastifyInstance, context: HttpContext): void {
  if (context.settings.metrics_listen) return;
  const text = shareText(context);
  app.get(`${context.settings.basePath}/metrics`, async (request, reply) => {
    if (!isDirectAndLocal(request)) return reply.callNotFound();
    return noStore(reply)
      .type(context.metrics.contentType)
      .send(await text());
  });
}

const KEPT_MS = 1000;

/**
 * One text a second for all who ask: it takes 1 to 2 ms, of several processes in each of them (measured: 512 at once were
 * 0.7 s of the event loop).
 */
function shareText({ clock, metrics }: HttpContext): () => Promise<string> {
  let text: Promise<string> | undefined;
  let begunMs = 0;
  return () => {
    const nowMs = clock.nowMs();
    // Set back, the clock says nothing of what is kept.
    if (text === undefined || nowMs < begunMs || nowMs >= begunMs + KEPT_MS) {
      begunMs = nowMs;
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

/** Scrapers, and people who look. */
const CAPS: Caps = { most: 64, mostPerAddress: 16, exempt: [] };

/** The separate listener, where settings name one. */
export async function listenForMetrics(context: HttpContext): Promise<Server | undefined> {
  const address = context.settings.metrics_listen;
  if (!address) return undefined;
  const text = shareText(context);
  const server = createServers(
    context,
    CAPS,
  )((request, response) => {
    answer(context, text, request, response).catch((error) => {
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
