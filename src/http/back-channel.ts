/** What a machine endpoint is asked, as plain values: here alone, whatever the endpoint. */
import { TLSSocket } from 'node:tls';
import type { FastifyRequest } from 'fastify';
import type { BackChannelRequest } from '../oauth/back-channel-request.ts';
import type { HttpContext } from './context.ts';
import { bodyPairs, queryPairs } from './form.ts';
import { sourceOf } from './request-source.ts';

/** What was registered: the endpoint's own path, where it is served, and what its body is. */
export interface Route {
  readonly path: string;
  /** The same with the issuer's path before it, or wherever else it stands below the host. */
  readonly url: string;
  readonly body: 'form' | 'json';
}

/** The request, whose source is known by now. */
export function backChannelRequest(
  context: HttpContext,
  request: FastifyRequest,
  { path, url, body }: Route,
): BackChannelRequest {
  const pathParameters = request.params as Readonly<Record<string, string>>;
  return {
    method: request.method,
    url: originOf(context) + filledIn(url, pathParameters),
    endpoint: path,
    pathParameters,
    headers: request.headers,
    pairs: body === 'form' ? bodyPairs(request.body) : [],
    json: body === 'json' ? request.body : undefined,
    query: () => queryPairs(request.url),
    certificate: () => certificateOf(request),
    source: sourceOf(context, request),
  };
}

function originOf({ settings }: HttpContext): string {
  const { issuer, basePath } = settings;
  return issuer.slice(0, issuer.length - basePath.length);
}

function filledIn(url: string, parameters: Readonly<Record<string, string>>): string {
  return url.replace(/:(\w+)/g, (_all, name: string) => encodeURIComponent(parameters[name] ?? ''));
}

/** RFC 8705 §2: of the socket, where TLS ends here and the client showed one; node:tls has an empty one for none. */
function certificateOf({ raw: { socket } }: FastifyRequest): Uint8Array | undefined {
  return socket instanceof TLSSocket ? socket.getPeerX509Certificate()?.raw : undefined;
}
