/** Turns an HTTP request to a machine endpoint into plain values, in one place for all endpoints. */
import { TLSSocket } from 'node:tls';
import type { FastifyRequest } from 'fastify';
import type { BackChannelRequest } from '../oauth/back-channel-request.ts';
import type { HttpContext } from './context.ts';
import { bodyPairs } from './form-body.ts';
import { sourceOf } from './request-source.ts';
import { queryPairs } from './urlencoded-pairs.ts';

/** A registered route: the endpoint's own path, the path at which it is served, and the type of its body. */
export interface Route {
  readonly path: string;
  /** The path below the host: with the issuer's path before it, or another one for documents at the root. */
  readonly url: string;
  readonly body: 'form' | 'json';
}

/** The request as plain values. The query and the certificate are read only when an endpoint asks for them. */
export function backChannelRequest(
  context: HttpContext,
  request: FastifyRequest,
  { path, url, body }: Route,
): BackChannelRequest {
  const pathParameters = request.params as Readonly<Record<string, string>>;
  return {
    method: request.method,
    url: originOf(context) + fillParameters(url, pathParameters),
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

function fillParameters(url: string, parameters: Readonly<Record<string, string>>): string {
  if (!url.includes(':')) return url;
  return url.replace(/:(\w+)/g, (_all, name: string) => encodeURIComponent(parameters[name] ?? ''));
}

/** RFC 8705 §2: the client certificate of the socket, where TLS ends here; node:tls gives an empty object for none. */
function certificateOf({ raw: { socket } }: FastifyRequest): Uint8Array | undefined {
  return socket instanceof TLSSocket ? socket.getPeerX509Certificate()?.raw : undefined;
}
